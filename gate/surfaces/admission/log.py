"""One JSON object a line on standard output: what happened, never what an object holds."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Any


def say(event: str, **details: Any) -> None:
    """Log ``event`` with ``details``; those that are ``None`` are left out."""
    entry = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
    entry |= {key: value for key, value in details.items() if value is not None}
    sys.stdout.write(json.dumps(entry, ensure_ascii=True) + "\n")
    sys.stdout.flush()
