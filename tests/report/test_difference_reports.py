"""A difference as text and Markdown: everything that stands in it is said, and nothing out of the change is obeyed."""

from __future__ import annotations

from gate.model.difference import Admission, Difference, IdentityDifference, Permission, Side
from gate.report import difference_json, difference_markdown, difference_text

EVIL = "r\x1b[31m\n::set-output::`</code>@team\u202e"


def _one(id_: str = "aws_iam_role.r", **parts: object) -> IdentityDifference:
    empty = {"kind": "role", "platform": "aws", "change": "changed", "gained": Side(), "lost": Side()}
    return IdentityDifference(id=id_, **(empty | parts))  # type: ignore[arg-type]


FULL = Difference(
    inputs=("plan.json",),
    has_before=True,
    identities=(
        _one(
            gained=Side(
                access=(
                    Permission(
                        tuple(f"s3:Action{n}" for n in range(10)),
                        "arn:aws:s3:::b/*",
                        ("arn:aws:s3:::b/secret",),
                        ("aws:SourceIp IpAddress 10.0.0.0/8",),
                        ("aws_iam_policy.p", "aws_iam_policy.q"),
                    ),
                ),
                trust=(
                    Admission("*", "anyone", False, ("sts:AssumeRole",)),
                    Admission("arn:aws:iam::1:role/x", "role", True, ("sts:AssumeRole",)),
                ),
                becomes=("aws_iam_role.s",),
            ),
            lost=Side(access=(Permission(("*",), "*"),)),
            reach={
                "score": {"before": 100, "after": 30},
                "admin": {"before": True, "after": False},
                "readable": {"before": 0, "after": 3},
                "environments": {"before": ["dev"], "after": ["dev", "prod"]},
                "exposure": {"before": "none", "after": "internet"},
            },
        ),
        _one("aws_iam_role.gone", change="deleted", reach={"score": {"before": 4, "after": None}}),
    ),
    unknown=("Resource of statement 0 is not known before apply.",),
)


def test_text_says_all_of_it() -> None:
    assert (
        difference_text.render(FULL)
        == """\
1 identity gains access or trust, 1 identity loses some.
Not everything could be read: Resource of statement 0 is not known before apply.

aws_iam_role.r (score 100 -> 30)
  - administrator, itself or through a chain
  + s3:Action0, s3:Action1, s3:Action2, s3:Action3, s3:Action4, s3:Action5, s3:Action6, s3:Action7 and 2 more on arn:aws:s3:::b/* except arn:aws:s3:::b/secret when aws:SourceIp IpAddress 10.0.0.0/8, through aws_iam_policy.p, aws_iam_policy.q
  + trust: anyone by sts:AssumeRole
  + trust: everyone except role arn:aws:iam::1:role/x by sts:AssumeRole
  + reach: it can become aws_iam_role.s
  - every action on everything
  ~ environments: dev -> dev, prod
  ~ exposed to the internet: none -> internet

aws_iam_role.gone (deleted, score 4)
"""  # noqa: E501
    )


def test_markdown_says_the_same() -> None:
    text = difference_markdown.render(FULL)
    assert "> Not everything could be read: `Resource of statement 0 is not known before apply.`\n" in text
    assert "- **gains** trust: everyone except role `arn:aws:iam::1:role/x` by `sts:AssumeRole`\n" in text
    assert "- **loses** every action on everything\n" in text
    assert "### `aws_iam_role.gone` (deleted, score 4)\n" in text


def test_headline_of_nothing_and_of_reach_alone() -> None:
    nothing = Difference((), True, ())
    assert difference_text.render(nothing) == "No identity gains or loses anything.\n"
    reach = Difference((), True, (_one(reach={"services": {"before": 1, "after": 2}}),))
    assert difference_text.render(reach).splitlines()[0] == (
        "1 identity with a different reach, nothing gained or lost directly."
    )


def test_names_of_the_change_are_harmless() -> None:
    evil = Difference(
        (EVIL,),
        True,
        (_one(EVIL, gained=Side(access=(Permission((EVIL,), EVIL, (EVIL,), (EVIL,), (EVIL,)),))),),
        (EVIL,),
    )
    text, markdown = difference_text.render(evil), difference_markdown.render(evil)
    for report in (text, markdown, difference_json.render(evil)):
        assert not {"\x1b", "\u202e"} & set(report)
        assert not any(line.lstrip().startswith("::") for line in report.splitlines())
    assert "\\x1b[31m\\n::set-output" in text
    assert all("``" in line for line in markdown.splitlines() if "@team" in line)


def test_markdown_is_cut_between_identities() -> None:
    many = Difference((), True, tuple(_one(f"aws_iam_role.r{n}", change="created") for n in range(100)))
    text = difference_markdown.render(many, limit=1000)
    assert len(text.encode()) <= 1000
    assert text.endswith("identities cut here**: `gate diff --format json` has them all.\n")
