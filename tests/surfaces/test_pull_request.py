"""``gate comment``: one comment of our own on a pull request, made once and updated."""

import os
import subprocess
import sys

import pytest

from tests.surfaces.github_stand_in import github_stand_in

BOT = "github-actions[bot]"


@pytest.fixture
def github():
    with github_stand_in() as state:
        yield state


def comment(github, tmp_path, text, *options, **variables):
    report = tmp_path / "report.md"
    report.write_text(text, encoding="utf-8")
    settings = {"GITHUB_API_URL": github.url, "GITHUB_REPOSITORY": "o/r", "GITHUB_TOKEN": github.token, **variables}
    return subprocess.run(
        [sys.executable, "-m", "gate", "comment", str(report), "--pull-request", "7", *options],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_second_report_replaces_the_first(github, tmp_path):
    first = comment(github, tmp_path, "one")
    second = comment(github, tmp_path, "two é")

    assert (first.returncode, first.stdout) == (second.returncode, second.stdout) == (0, "https://github.example/1\n")
    assert [one["body"] for one in github.comments] == ["<!-- nhi-gate: gate -->\ntwo é"]


def test_it_is_found_behind_hundreds_of_others(github, tmp_path):
    github.comments = [{"id": n, "user": {"login": "someone"}, "body": str(n)} for n in range(1, 251)]
    comment(github, tmp_path, "one")
    comment(github, tmp_path, "two")

    assert len(github.comments) == 251
    assert github.comments[-1]["body"].endswith("two")


def test_a_comment_of_somebody_else_that_begins_like_ours_is_left_alone(github, tmp_path):
    """Its author could change it back: an allow that nobody judged."""
    github.comments = [{"id": 1, "user": {"login": "mallory"}, "body": "<!-- nhi-gate: gate -->\nALLOW"}]
    comment(github, tmp_path, "DENY")

    assert [one["user"]["login"] for one in github.comments] == ["mallory", BOT]
    assert github.comments[0]["body"].endswith("ALLOW")


def test_two_gates_have_two_comments(github, tmp_path):
    comment(github, tmp_path, "one", "--name", "network")
    comment(github, tmp_path, "two", "--name", "accounts")

    assert len(github.comments) == 2


@pytest.mark.parametrize("name", ["", "a --> <img>", "a\n", "--"])
def test_a_name_that_would_end_its_mark_is_refused(github, tmp_path, name):
    done = comment(github, tmp_path, "one", f"--name={name}")

    assert (done.returncode, github.requests) == (2, [])


def test_a_long_report_is_cut_to_what_a_comment_holds(github, tmp_path):
    comment(github, tmp_path, "line\n" * 20_000)

    body = github.comments[0]["body"]
    assert len(body) <= 65_536
    assert body.endswith("line\n\nThe rest is in the log.")


def test_reading_is_tried_again(github, tmp_path):
    github.fails = [502, 429]

    assert comment(github, tmp_path, "one").returncode == 0
    assert [request.split()[0] for request in github.requests] == ["GET", "GET", "GET", "POST"]


def test_what_may_have_been_written_is_not_written_twice(github, tmp_path):
    answered = github.answer

    def lost(method, path, body):
        status, said = answered(method, path, body)
        return (502, said) if method == "POST" else (status, said)

    github.answer = lost
    done = comment(github, tmp_path, "one")

    assert done.returncode == 2
    assert len(github.comments) == 1


@pytest.mark.parametrize(("status", "said"), [(403, "pull-requests"), (404, "pull-requests"), (302, "302")])
def test_a_refusal_is_an_error_without_the_token(github, tmp_path, status, said):
    github.fails = [status]
    done = comment(github, tmp_path, "one")

    assert done.returncode == 2
    assert said in done.stderr
    assert github.token not in done.stderr
    assert len(github.requests) == 1, "the token follows no redirect"


def test_without_a_token_the_missing_variable_is_named(github, tmp_path):
    done = comment(github, tmp_path, "one", GITHUB_TOKEN="")

    assert done.returncode == 2
    assert "GITHUB_TOKEN must be set" in done.stderr
