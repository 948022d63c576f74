"""``python -m tools.mutate rego|python [--sample N] [--seed N] [PATH…]``."""

from __future__ import annotations

import argparse

from tools.mutate.sample import ROOT

_REGO = ["rego/gate/rules", "rego/gate/lib", "rego/gate/main.rego"]
_PYTHON = ["gate/extract/aws/language", "gate/extract/kubernetes/language", "gate/extract/aws/access",
           "gate/extract/kubernetes/access", "gate/graph"]  # fmt: skip


def main() -> None:
    """Try a sample, print each survivor, and the share at the end."""
    asked = argparse.ArgumentParser(prog="mutate", description=__doc__)
    asked.add_argument("language", choices=["rego", "python"])
    asked.add_argument("paths", nargs="*", help="files and folders that are mutated")
    asked.add_argument("--sample", type=int, default=100, help="how many mutants are tried")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--tests", action="append", default=[], help="of Python: tests that may notice")
    given = asked.parse_intermixed_args()
    if given.language == "rego":
        from tools.mutate import rego_run

        rego_run.run([ROOT / p for p in given.paths or _REGO], given.sample, given.seed)
    else:
        from tools.mutate import python_run

        tests = given.tests or ["tests/extract", "tests/graph"]
        python_run.run([ROOT / p for p in given.paths or _PYTHON], tests, given.sample, given.seed)


if __name__ == "__main__":
    main()
