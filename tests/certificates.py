"""A certificate of localhost that signs itself, good for one day."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest


def self_signed(directory: Path) -> tuple[Path, Path]:
    """Certificate and key, PEM."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    key, cert = directory / "key.pem", directory / "cert.pem"
    made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    made += ["-days", "1", "-subj", "/CN=localhost"]
    extensions = ["subjectAltName=DNS:localhost,IP:127.0.0.1", "basicConstraints=critical,CA:TRUE"]
    named = ["-keyout", str(key), "-out", str(cert), *(a for e in extensions for a in ("-addext", e))]
    subprocess.run(["openssl", *made, *named], check=True, capture_output=True)
    return cert, key
