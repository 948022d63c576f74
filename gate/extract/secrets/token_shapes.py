"""Texts that are a credential by their own form: tokens of known shape, anywhere, whatever they are called.

detect-secrets' plugins are called on strings (no settings, files or network); the formats that they do not know stand
in ``_FORMATS``, each as its issuer describes it. A text that is encrypted, or public by its own form, is none
(``harmless_forms``).
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from gate.extract.secrets.harmless_forms import EXAMPLES
from gate.extract.secrets.plausible_values import is_literal

if TYPE_CHECKING:
    from detect_secrets.plugins.base import BasePlugin

_SHORTEST = 12  # a URL with a password in it
_START, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9_\-])"

# (kind, what every such text contains, form)
_FORMATS = tuple(
    (kind, mark, re.compile(f"{_START}(?:{form}){_END}"))
    for kind, mark, form in (
        ("Anthropic API key", r"sk-ant-", r"sk-ant-[a-z0-9]+-[A-Za-z0-9_\-]{32,}"),
        ("Atlassian API token", r"ATATT3", r"ATATT3[A-Za-z0-9_\-=]{100,}"),
        ("Azure client secret", r"Q~", r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.\-]{31,34}"),
        ("Azure shared access key", r"SharedAccessKey=", r"SharedAccessKey=[A-Za-z0-9+/]{32,}={0,2}"),
        ("Azure shared access signature", r"sig=", r"(?<=[?&])sig=[A-Za-z0-9%+/]{40,}=?"),
        ("Brevo API key", r"xkeysib-", r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}"),
        ("Databricks token", r"dapi", r"dapi[a-f0-9]{32}(?:-\d)?"),
        ("DigitalOcean token", r"do[opr]_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
        ("Discord webhook", r"/api/webhooks/", r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[A-Za-z0-9_\-]{60,}"),
        ("Docker token", r"dckr_pat_", r"dckr_(?:pat|oat)_[A-Za-z0-9_\-]{27,}"),
        ("Doppler token", r"dp\.(?:pt|st|ct|sa)\.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9_.\-]{40,}"),
        ("GitHub Token", r"github_pat_", r"github_pat_[A-Za-z0-9_]{60,}"),
        ("Google API key", r"AIza", r"AIza[0-9A-Za-z_\-]{35}"),
        ("Google OAuth client secret", r"GOCSPX-", r"GOCSPX-[A-Za-z0-9_\-]{28}"),
        ("Grafana token", r"gl(?:sa|c)_", r"glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}|glc_[A-Za-z0-9+/]{32,}={0,2}"),
        ("Groq API key", r"gsk_", r"gsk_[A-Za-z0-9]{52}"),
        ("HCP Terraform token", r"\.atlasv1\.", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=\-]{60,70}"),
        ("Hugging Face token", r"hf_", r"hf_[A-Za-z0-9]{30,40}"),
        ("Linear API key", r"lin_api_", r"lin_api_[A-Za-z0-9]{40}"),
        (
            "Microsoft Teams webhook",
            r"webhook\.office\.com/",
            r"webhook\.office\.com/webhookb2/[a-f0-9\-]{36}@[a-f0-9\-]{36}/IncomingWebhook/[a-f0-9]{32}/[a-f0-9\-]{36}",
        ),
        ("New Relic key", r"NRAK-", r"NRAK-[A-Z0-9]{27}"),
        ("Notion token", r"ntn_", r"ntn_[A-Za-z0-9]{40,}"),
        ("npm token", r"npm_", r"npm_[A-Za-z0-9]{36}"),
        ("PlanetScale token", r"pscale_", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.\-]{32,}"),
        ("Postman API key", r"PMAK-", r"PMAK-[a-f0-9]{24}-[a-f0-9]{34}"),
        ("Pulumi token", r"pul-", r"pul-[a-f0-9]{40}"),
        ("Replicate token", r"r8_", r"r8_[A-Za-z0-9]{37}"),
        ("RubyGems token", r"rubygems_", r"rubygems_[a-f0-9]{48}"),
        ("Sentry token", r"sntry[su]_", r"sntry[su]_[A-Za-z0-9+/=_\-]{32,}"),
        ("Shopify token", r"shp(?:at|ca|pa|ss)_", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
        ("Slack app token", r"xapp-", r"xapp-\d-[A-Z0-9]+-\d+-[a-f0-9]{32,}"),
        ("Supabase token", r"sbp_", r"sbp_[a-f0-9]{40}"),
        ("Tailscale key", r"tskey-", r"tskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{20,}"),
        ("Telegram bot token", r":AA", r"\d{8,10}:AA[A-Za-z0-9_\-]{33}"),
        ("Vault token", r"hv[sbr]\.", r"hv[sbr]\.[A-Za-z0-9_\-]{24,}"),
        ("age secret key", r"AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    )
)
# A login without a user, as Redis has it (redis://:PASSWORD@HOST); detect-secrets asks for a user.
_URL_PASSWORD = re.compile(r"://:([^\s/?#@:]+)@")
_ENCODED_PEM = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/\r\n]{20,}")  # "-----BEGIN", encoded once more
_BASIC = re.compile(r"(?<![A-Za-z])[Bb]asic\s+([A-Za-z0-9+/]{8,}={0,2})(?![A-Za-z0-9+/=])")

# What every text that is found below contains; a text without any of these is not looked at closer.
_MARK = re.compile(
    r"BEGIN |LS0tLS1CRUdJTi|A[KS]IA|ABIA|ACCA|A3T|gh[pousr]_|eyJ|xox|hooks\.slack\.com|k_live_|SG\.|T3BlbkFJ|sq0csp-"
    r"|pypi-|AccountKey=|_authToken|gl(?:pat|dt|ft|soat|rt|cbt|imt|ptt|agent)-|gloas-|GR1348941|-us\d|://[^/@]*@|[Bb]asic\s|"
    + "|".join(mark for _, mark, _ in _FORMATS)
)


def shape(text: str) -> tuple[str, str] | None:
    """``(kind, value)`` of the first known token in a text. The example keys of AWS's documentation are left out."""
    return _shape(text) if len(text) >= _SHORTEST and has_mark(text) else None


@lru_cache(maxsize=16384)
def has_mark(text: str) -> bool:
    """Whether a text can hold such a token at all: a cheap question before dear ones."""
    return _MARK.search(text) is not None


@lru_cache(maxsize=4096)
def _shape(text: str) -> tuple[str, str] | None:
    for plugin in _plugins():
        for value in plugin.analyze_string(text):
            if (
                value
                and not any(example in text for example in EXAMPLES if value in example)
                and _counts(str(plugin.secret_type), str(value), text)
            ):
                return str(plugin.secret_type), str(value)
    for kind, _, form in _FORMATS:
        if found := form.search(text):
            return kind, found[0]
    for found in _URL_PASSWORD.finditer(text):
        if is_literal(found[1]):
            return "Basic Auth Credentials", found[1]
    for found in _ENCODED_PEM.finditer(text):
        if _is_private_key(found[0]):
            return "Private Key", found[0]
    for found in _BASIC.finditer(text):
        if _is_login(found[1]):
            return "Credentials of an HTTP header", found[1]
    return None


def _is_private_key(encoded: str) -> bool:
    """Whether base64 holds a private key; a certificate is encoded in the same way, and is public."""
    whole = "".join(encoded.split())
    decoded = base64.b64decode(whole[: len(whole) // 4 * 4])
    return b"PRIVATE KEY-----" in decoded


def _is_login(encoded: str) -> bool:
    """``user:password`` behind base64, the password no placeholder."""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return user.isprintable() and password.isprintable() and is_literal(password)


def _counts(kind: str, value: str, text: str) -> bool:
    """The password of a URL may be a placeholder or a template; a token's shape leaves no doubt where it is a word."""
    if kind == "Basic Auth Credentials":
        return is_literal(value)
    if kind == "AWS Access Key":  # an id is exactly 20 characters long (IAM identifiers); a secret key exactly 40
        return re.search(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])", text) is not None
    return kind == "Private Key" or re.search(rf"(?<![A-Za-z0-9]){re.escape(value)}", text) is not None


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
