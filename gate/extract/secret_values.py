"""Is this text a secret? Asked of detect-secrets, whose plugins are called on strings: no settings, files or network.

Two questions, for they need different evidence. *Shape*: a text that is a known kind of token, anywhere. *Name*:
a literal beside a name that says password or token, unless it is a placeholder, a reference or a secret's name. High
entropy alone is no evidence (identifiers and hashes have it); beside such a name the literal is enough.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin

# What every text that a plugin below finds contains; a text without any of these is not looked at closer.
_MARK = re.compile(
    r"BEGIN |A[KS]IA|ABIA|ACCA|A3T|gh[pousr]_|github_pat_|eyJ|xox|hooks\.slack\.com|k_live_|SG\.|T3BlbkFJ|sq0csp-|pypi-"
    r"|AccountKey=|_authToken|gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent)-|gloas-|GR1348941|-us\d|://[^/@]*@"
)
_SHORTEST = 12  # a URL with a password in it
_FINE_GRAINED = re.compile(r"github_pat_[A-Za-z0-9_]{60,}")

_SECRET_NAME = re.compile(
    r"(?:^|_)(?:pass|pwd|passwd|passwords?|passphrase|secret|token|api_?key|auth_?key|secret_?(?:access_)?key|private_?key"
    r"|preshared_key|encryption_key|signing_key|client_secret|secret_(?:string|binary))"
    r"(?:_(?:value|plain|plaintext|base64))?\d*$"
)
_NO_SECRET_NAMES = frozenset({"event_source_token", "client_token", "next_token", "creation_token", "nonce_token"})
_WORD = r"(?:secrets?|passwords?|passwd|pwd|tokens?|credentials?|creds|api-?keys?|keys?)"
_NAME_OF_A_SECRET = re.compile(rf"(?:[a-z]+\d{{0,3}}[-_./])*{_WORD}(?:[-_./][a-z]*\d{{0,3}})*", re.IGNORECASE)
# The name of an object that holds the secret, as Kubernetes and secret stores have them: plain words with separators.
_NAMES_ONE = re.compile(r"(?<!client.)(?<!jwt.)(?<!session.)(?<!shared.)(?<!cookie.)secret\d*$", re.IGNORECASE)
_OBJECT_NAME = re.compile(r"[a-z]{2,20}(?:\d{0,2}[-./][a-z]{1,20}){1,6}\d{0,2}")
_REFERENCE = re.compile(
    r"arn:|/[a-z0-9_.\-]+(?:/[a-z0-9_.\-]+)*/?$|\./|\$|%\w+%|https?://|\{\{|<|\*+$|vault:|ssm:|secretsmanager:|ref\+|op://|projects/|sm://|env:|file:|"
    r"aws_|data\.|var\.|local\.|valueFrom|@Microsoft\.KeyVault",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"(?:(?:please[-_ ]?)?change[-_ ]?(?:me|it|this).*|.*example.*|placeholder.*|.*redacted.*|dummy.*|todo.*|tbd"
    r"|x{3,}|\.{3,}|-+"
    r"|replace.*|your[-_ ].*|my[-_]?(?:password|secret|token)|fake.*|insert.*|none|null|nil|n/?a"
    r"|true|false|yes|no|on|off"
    r"|enabled?|disabled?|required|optional|default|auto|managed|generated|unset|empty|undefined|unknown|"
    r"plaintext|securestring|string|seconds|minutes|hours|days|bearer|basic|jwt|oauth2?|\d{1,5})",
    re.IGNORECASE,
)
_EXAMPLES = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
_TEXT = r"[\"']?(?P<value>[^\s\"'`,;&|(){}\[\]=]{5,200}={0,2})(?![\w=])"
_WORTH_A_LOOK = ("pass", "pwd", "secret", "token", "_key", "-key", "apikey", "authkey", "privatekey")
_ASSIGNMENT = re.compile(rf"(?<![:/\w.])(?P<name>[A-Za-z][\w.\-]{{0,63}})[\"']?[ \t]*(?::=|[:=])[ \t]*{_TEXT}")
_OPTION = re.compile(rf"--(?P<name>[A-Za-z][\w\-]{{0,63}})[ \t]+{_TEXT}")


def shape(text: str) -> tuple[str, str] | None:
    """``(kind, value)`` of the first known token in a text. The example keys of AWS's documentation are left out."""
    if len(text) < _SHORTEST or _MARK.search(text) is None:
        return None
    return _shape(text)


@lru_cache(maxsize=65536)
def name_says_secret(name: str) -> bool:
    """Whether a name (``DB_PASSWORD``, ``dbPassword``, ``db.password``) says secret; ``secret_name`` does not."""
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_").replace(".", "_").replace("/", "_")
    return snake not in _NO_SECRET_NAMES and _SECRET_NAME.search(snake) is not None


def announces(name: str, value: object) -> bool:
    """Whether a name says that this value is a secret: ``DB_SECRET`` beside ``orders-db`` holds the name of one."""
    if not name_says_secret(name):
        return False
    return not (isinstance(value, str) and _NAMES_ONE.search(name) and _OBJECT_NAME.fullmatch(value))


def is_literal(value: str) -> bool:
    """Whether a value beside such a name can be the secret: no placeholder, template, reference, path or name."""
    value = value.strip()
    if len(value) < 5 or _REFERENCE.match(value) or _PLACEHOLDER.fullmatch(value) or _NAME_OF_A_SECRET.fullmatch(value):
        return False
    from detect_secrets.filters import heuristic

    return not (
        heuristic.is_templated_secret(value)
        or heuristic.is_not_alphanumeric_string(value)
        or "${" in value
        or "{{" in value
        or any(example in value for example in _EXAMPLES)
    )


def assignments(text: str) -> Iterator[tuple[str, str]]:
    """``(name, value)`` of what a script or a configuration file assigns to a name that announces a secret."""
    if not _announces(text):
        return
    for line in filter(_announces, text.splitlines()):
        for found in (*_ASSIGNMENT.finditer(line), *_OPTION.finditer(line)):
            if name_says_secret(found["name"]) and is_literal(found["value"]):
                yield found["name"], found["value"]


def worth_a_look(text: str) -> bool:
    """Whether a text can hold a secret at all: a cheap question before dear ones."""
    return _announces(text) or _MARK.search(text) is not None


def _announces(text: str) -> bool:
    low = text.lower()
    return any(word in low for word in _WORTH_A_LOOK)


@lru_cache(maxsize=4096)
def _shape(text: str) -> tuple[str, str] | None:
    for plugin in _plugins():
        for value in plugin.analyze_string(text):
            if (
                value
                and not any(example in text for example in _EXAMPLES if value in example)
                and _counts(plugin, value)
            ):
                return str(plugin.secret_type), str(value)
    if found := _FINE_GRAINED.search(text):
        return "GitHub Token", found[0]
    return None


def _counts(plugin: BasePlugin, value: str) -> bool:
    # The password of a URL may be a placeholder or a template; a token's shape leaves no doubt.
    return plugin.secret_type != "Basic Auth Credentials" or is_literal(value)


@lru_cache(maxsize=1)
def _plugins() -> tuple[BasePlugin, ...]:
    from detect_secrets.plugins.aws import AWSKeyDetector
    from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
    from detect_secrets.plugins.basic_auth import BasicAuthDetector
    from detect_secrets.plugins.github_token import GitHubTokenDetector
    from detect_secrets.plugins.gitlab_token import GitLabTokenDetector
    from detect_secrets.plugins.jwt import JwtTokenDetector
    from detect_secrets.plugins.mailchimp import MailchimpDetector
    from detect_secrets.plugins.npm import NpmDetector
    from detect_secrets.plugins.openai import OpenAIDetector
    from detect_secrets.plugins.private_key import PrivateKeyDetector
    from detect_secrets.plugins.pypi_token import PypiTokenDetector
    from detect_secrets.plugins.sendgrid import SendGridDetector
    from detect_secrets.plugins.slack import SlackDetector
    from detect_secrets.plugins.square_oauth import SquareOAuthDetector
    from detect_secrets.plugins.stripe import StripeDetector

    return tuple(
        plugin()
        for plugin in (
            PrivateKeyDetector, AWSKeyDetector, GitHubTokenDetector, GitLabTokenDetector, SlackDetector, StripeDetector,
            JwtTokenDetector, SendGridDetector, OpenAIDetector, PypiTokenDetector, NpmDetector, SquareOAuthDetector,
            AzureStorageKeyDetector, MailchimpDetector, BasicAuthDetector,
        )
    )  # fmt: skip
