"""Texts that look like a secret and give none away, by their own form: public keys, ciphertexts, examples."""

from __future__ import annotations

import re

EXAMPLES = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_PUBLIC = frozenset(
    ("CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE REQUEST",
     "NEW CERTIFICATE REQUEST", "X509 CRL", "DH PARAMETERS", "EC PARAMETERS", "SSH2 PUBLIC KEY",
     "PGP PUBLIC KEY BLOCK", "PKCS7")
)  # fmt: skip
_SSH_PUBLIC = re.compile(
    r"(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-(?:ssh|ecdsa)-\S+) AAAA[A-Za-z0-9+/=]+(?: [^\n]*)?"
)
_ENCRYPTED = re.compile(
    r"\$ANSIBLE_VAULT;\S.*|ENC\[[A-Z0-9_]+,.+\]|vault:v\d+:[A-Za-z0-9+/]+={0,2}|age-encryption\.org/v1\s.*"
    r"|-----BEGIN (AGE ENCRYPTED FILE|PGP MESSAGE)-----.*-----END \1-----",
    re.DOTALL,
)
# passwd(5), group(5): a user or a group, its password elsewhere (x) or none.
_ACCOUNT_LINE = re.compile(r"[\w.\-]+\$?:[x*!]*:\d*:(?:\d*:[^:\n]*:[^:\n]*:[^:\n]*|[^:\n]*)")
_KMS = re.compile(r"AQICAH[a-zA-Z0-9+/\s]{120,}={0,2}")


def is_example(text: str) -> bool:
    """Whether a text holds one of the keys that AWS's documentation shows."""
    return any(example in text for example in EXAMPLES)


def is_public(text: str) -> bool:
    """Whether a text is certificates and public keys and nothing else: whoever connects gets to see them."""
    kinds = _PEM.findall(text)
    if kinds and _PUBLIC.issuperset(kinds):
        return not _PEM.sub("", text).strip() or all(
            line.lstrip().startswith("#") for line in _PEM.sub("", text).splitlines() if line.strip()
        )
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return bool(lines) and all(_SSH_PUBLIC.fullmatch(line.strip()) for line in lines)


def is_encrypted(text: str) -> bool:
    """Whether a text is ciphertext by its form: only who may decrypt has the secret.

    KMS (base64 of a blob that begins ``01 02 02 00``, as AWS Lambda's encryption helpers leave it), Ansible Vault,
    SOPS and eyaml (``ENC[…]``), Vault's transit engine, age, PGP.
    """
    text = text.strip()
    if _ENCRYPTED.fullmatch(text):
        return True
    return _KMS.fullmatch(text) is not None


def is_account_file(text: str) -> bool:
    """Whether a text is a passwd or group file without passwords, as images name their users."""
    lines = [line for line in text.splitlines() if line.strip()]
    return bool(lines) and all(_ACCOUNT_LINE.fullmatch(line.strip()) for line in lines)
