"""What the access model repeats, and what it does not."""

from __future__ import annotations

from gate.model.access import AccessModel, Grant, Source


def _grant(*targets: str) -> Grant:
    return Grant(
        platform="aws",
        actions=("lambda:UpdateFunctionCode",),
        form="Action",
        wildcards=(),
        resources=("arn:aws:lambda:eu-central-1:123456789012:function:orders-*",),
        except_=(),
        everything=False,
        targets=targets,
        conditions=(),
        holders=("aws_iam_role.deploy",),
        source=Source("aws_iam_policy.deploy", "0"),
    )


def test_equal_sets_of_targets_stand_once() -> None:
    model = AccessModel(
        grants={"a": _grant("f", "g"), "b": _grant("f", "g"), "c": _grant("f"), "d": _grant()}
    ).to_json()
    assert model["targets"] == {"t1": ["f", "g"], "t2": ["f"]}
    assert {key: grant["targets"] for key, grant in model["grants"].items()} == {
        "a": "t1",
        "b": "t1",
        "c": "t2",
        "d": None,
    }
