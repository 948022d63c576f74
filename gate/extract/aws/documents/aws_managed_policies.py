"""The AWS-managed policies, by content: what ``arn:aws:iam::aws:policy/…`` allows.

``data/managed_policies.txt.gz`` holds a line a policy, written by ``tools/generate/aws_data.py``. It is read when the
first AWS-managed ARN occurs; a policy's document is parsed when it is asked for.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path

from gate.extract.aws.language.statements import PolicyDocument, parse_document

_ARN = re.compile(r"arn:(?:aws|aws-cn|aws-us-gov):iam::aws:policy/(?:[^/]+/)*([^/]+)")


def managed_policy(arn: str) -> PolicyDocument | None:
    """The policy an AWS-managed ARN names, whatever its path; ``None`` for another kind of ARN or an unknown name."""
    found = _ARN.fullmatch(arn)
    return _by_name(found[1]) if found else None


@lru_cache(maxsize=2048)
def _by_name(name: str) -> PolicyDocument | None:
    text = _text()
    start = text.find(f"\n{name}\t")
    if start < 0:
        return None
    start += len(name) + 2
    return parse_document(text[start : text.index("\n", start)])


@lru_cache(maxsize=1)
def _text() -> str:
    packed = (Path(__file__).parent / "data" / "managed_policies.txt.gz").read_bytes()
    return "\n" + gzip.decompress(packed).decode()
