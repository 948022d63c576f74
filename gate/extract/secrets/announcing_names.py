"""What a name says about the value beside it: a secret, perhaps one, or something about a secret.

The whole name is read, word by word (``DB_PASSWORD``, ``dbPassword`` and ``db.password`` are the same three). Three
answers, for they need different evidence: ``PGPASSWORD`` *is* a secret, whatever the value looks like; ``GH_PAT`` and
``DB_PASSWORD_PROD`` *may be* one, so the value has to look random; ``PASSWORD_FILE`` and ``checksum/secret`` say
something *about* one.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib import resources
from typing import Literal

Strength = Literal["is", "may", ""]

# Words of names by what they say; ``about``: what a name is about when this word follows a secret's.
_DATA: dict[str, str] = json.loads(
    resources.files("gate.extract.secrets").joinpath("data/secret_names.json").read_text("utf-8")
)


def _words(of: str) -> frozenset[str]:
    return frozenset(_DATA[of].split())


_WORDS = re.compile(r"[a-z]+\d*|\d+")
_SECRET = re.compile(
    r"(?:^|_)(?:pass|pwd|passwd|passwords?|passphrase|secret|token|api_?key|auth_?key|secret_?(?:access_)?key"
    r"|private_?key|preshared_key|encryption_key|signing_key|master_key|client_secret|secret_(?:string|binary))"
    r"(?:_(?:value|plain|plaintext|base64|wo|pem))?\d*$"
)
# Words run together, as libpq (PGPASSWORD), sshpass (SSHPASS) and many authors write them: an owner and a word.
_GLUED = re.compile(
    r"(?P<owner>[a-z]+?)(?:(?P<plain>password|passwd|passphrase|apikey|secretkey|privatekey)"
    r"|(?P<short>secret|token|pass|pwd|pw))\d*"
)
_OWNERS = _words("owners")
_NO_OWNERS = _words("no_owners")
_INSIDE = _words("inside")
_AT_THE_END = frozenset(["auth", "credential", "credentials", "creds", "cred", "pat", "passcode", "pw", "dsn"])
_PAIRS_INSIDE = frozenset(
    (("api", "key"), ("private", "key"), ("access", "key"), ("account", "key"), ("master", "key"), ("auth", "key"))
)
_ABOUT = _words("about")
_WHOM_OR_WHERE = _words("of_whom_or_where")
_TEXTS_OF_A_SCREEN = _words("texts_of_a_screen")
_OBJECTS = frozenset(("existing", "pull", "image"))  # existingSecret, imagePullSecret: the name of a Kubernetes Secret
_DIGEST_WORDS = frozenset(("checksum", "checksums", "sha", "sha1", "sha256", "sha512", "md5", "hash", "digest"))
_DIGEST = re.compile(r"(?:sha\d+:)?(?:[0-9a-f]{8,128}|[0-9A-F]{8,128})|\d{5,20}")
_NOT_THESE = frozenset({"event_source_token", "client_token", "next_token", "creation_token", "nonce_token"})


@lru_cache(maxsize=65536)
def strength(name: str) -> Strength:
    """Whether a value beside this name is a secret (``is``), may be one if it looks random (``may``), or neither."""
    snake = _snake(name)
    words = _WORDS.findall(snake)
    if snake in _NOT_THESE or not words or (words[-1].startswith("secret") and not _OBJECTS.isdisjoint(words)):
        return ""
    if _SECRET.search(snake) or _is_glued(words[-1]):
        return "may" if words[0] in _TEXTS_OF_A_SCREEN else "is"
    if words[-1].rstrip("0123456789") in _ABOUT or words[-1] in _ABOUT:
        return ""
    pairs = set(zip(words, words[1:], strict=False))
    inside = not _INSIDE.isdisjoint(words) or not _PAIRS_INSIDE.isdisjoint(pairs)
    return "may" if words[-1] in _AT_THE_END or (inside and _ABOUT.isdisjoint(words)) else ""


def _is_glued(word: str) -> bool:
    found = _GLUED.fullmatch(word)
    if found is None or found["owner"] in _NO_OWNERS:
        return False
    return found["plain"] is not None or found["owner"] in _OWNERS


def says_whom_or_where(name: str) -> bool:
    """``admin-user``, ``DB_HOST``, ``username``: the value beside it says who or where, as secrets hold that too."""
    words = _WORDS.findall(_snake(name))
    last = words[-1].rstrip("0123456789") if words else ""
    return last in _WHOM_OR_WHERE or last.endswith(("user", "username"))


def is_digest(name: str, value: str) -> bool:
    """``checksum/secret: 2d71…``: a name that says digest, beside one, as Helm's documentation advises."""
    return not _DIGEST_WORDS.isdisjoint(_WORDS.findall(_snake(name))) and _DIGEST.fullmatch(value) is not None


@lru_cache(maxsize=65536)
def _snake(name: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")
