"""Whether a text can be the secret that a name beside it announces.

A literal beside such a name is enough, unless it is a placeholder, a reference, a secret's name, a text for people,
public or encrypted. Where the name only may mean a secret, the value has to look random. High entropy alone is no
evidence (identifiers and hashes have it).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gate.extract.secrets.announcing_names import is_digest, strength
from gate.extract.secrets.harmless_forms import is_account_file, is_encrypted, is_example, is_public

_WORD = r"(?:secrets?|passwords?|passwd|pwd|tokens?|credentials?|creds|api-?keys?|keys?)"
_NAME_OF_A_SECRET = re.compile(rf"(?:[a-z]+\d{{0,3}}[-_./])*{_WORD}(?:[-_./][a-z]*\d{{0,3}})*", re.IGNORECASE)
# The name of an object that holds the secret, as Kubernetes and secret stores have them: plain words with separators.
_NAMES_ONE = re.compile(r"(?<!client.)(?<!jwt.)(?<!session.)(?<!shared.)(?<!cookie.)secret\d*$", re.IGNORECASE)
_OBJECT_NAME = re.compile(r"[a-z]{2,20}(?:\d{0,2}[-./][a-z]{1,20}){1,6}\d{0,2}")
_VARIABLE = r"(?-i:[A-Z_][A-Z0-9_]*|[a-z_][a-z0-9_]*|[a-z]+(?:[A-Z][a-z]+)+)"
# References as whole texts; the same forms inside a longer text are taken out before the rest is looked at.
_REFERENCE = re.compile(
    rf"arn:.*|(?:\./|/)[\w.@\-]+(?:/[\w.@\-]+)*/?|https?://.*|\*+|\${_VARIABLE}|%\w+%"
    r"|(?:vault|ssm|secretsmanager|env|file|sm|op|ref\+\w+|projects|gcpsm|awssm|k8s)(?::|://|/)[\w./#@:?=,\-]+"
    r"|(?:aws_\w+|data|var|local|module)\.[A-Za-z_][\w.\-]*(?:\[.*\][\w.\-]*)?|valueFrom.*|@Microsoft\.KeyVault\(.*\)",
    re.IGNORECASE,
)
_SUBSTITUTED = re.compile(
    r"\$\{\{.*?\}\}|\{\{.*?\}\}|\$\{[^{}]*\}|\$\([^()]*(?:\([^()]*\)[^()]*)*\)|<%.*?%>", re.DOTALL
)
_IN_BRACKETS = re.compile(r"\{([^{}]*)\}|<([^<>]*)>|\[([^\[\]]*)\]|__(.+)__|@(.+)@|#\{(.+)\}#?")
_PLACEHOLDER = re.compile(
    r"(?:please[-_ ]?)?change[-_ ]?(?:me|it|this).*|.*example.*|placeholder.*|.*redacted.*|dummy.*|todo.*|tbd"
    r"|x{3,}|\.{3,}|-+"
    r"|replace.*|your[-_ ].*|my[-_]?(?:password|secret|token)|fake.*|insert.*|none|null|nil|n/?a"
    r"|test(?:ing|er|s)?|mock(?:ed|s)?(?:[-_].*)?|foo(?:bar)?|bar|localstack|not[-_ ]?(?:set|used|needed)"
    r"|true|false|yes|no|on|off"
    r"|enabled?|disabled?|required|optional|default|auto|managed|generated|unset|empty|undefined|unknown|"
    r"plaintext|securestring|string|seconds|minutes|hours|days|bearer|basic|jwt|oauth2?|\d{1,5}",
    re.IGNORECASE,
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CLASSES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_PLAIN_WORD = re.compile(r"[^\W\d_]*(?:['’\-/][^\W\d_]+)*|\d{1,3}")
_TEXT = r"[\"']?(?P<value>[^\s\"'`,;&|(){}\[\]=]{5,200}={0,2})(?![\w=])"
_WORTH_A_LOOK = ("pass", "pwd", "secret", "token", "_key", "-key", "apikey", "cred", "auth", "_pat")
_ASSIGNMENT = re.compile(rf"(?<![:/\w.])(?P<name>[A-Za-z][\w.\-]{{0,63}})[\"']?[ \t]*(?::=|[:=])[ \t]*{_TEXT}")
_OPTION = re.compile(rf"--(?P<name>[A-Za-z][\w\-]{{0,63}})[ \t]+{_TEXT}")
# Logins that no name announces: netrc(5), and the user of a call by curl(1).
_LOGIN = re.compile(
    r"\bmachine\s+\S+\s+login\s+\S+\s+(?P<netrc>password)\s+(?P<password>\S+)"
    r"|\bcurl\s[^\n|;&]*?(?:-u|--user)[ =]?[\"']?[^\s:\"'$]+:(?P<user>[^\s\"']+)"
)


def announces(name: str, value: object) -> bool:
    """Whether a name says that this value is a secret: ``DB_SECRET`` beside ``orders-db`` holds the name of one."""
    said = strength(name)
    if not said or not isinstance(value, str):
        return said == "is"
    if said == "may":
        return looks_random(value)
    return not (_NAMES_ONE.search(name) and _OBJECT_NAME.fullmatch(value)) and not is_digest(name, value)


def is_literal(value: str) -> bool:
    """Whether a value beside such a name can be the secret: no placeholder, template, reference, path or name."""
    value = value.strip()
    if len(value) < 5 or _REFERENCE.fullmatch(value) or _NAME_OF_A_SECRET.fullmatch(value):
        return False
    rest = _SUBSTITUTED.sub("", value)
    if rest != value or _PLACEHOLDER.fullmatch(value):
        return looks_random(re.sub("example|placeholder|redacted", "", rest, flags=re.IGNORECASE))
    if inside := _IN_BRACKETS.fullmatch(value):
        return looks_random("".join(text for text in inside.groups() if text))
    if not any(character.isalnum() for character in value) or is_example(value):
        return False
    return not (_is_for_people(value) or is_encrypted(value) or is_public(value) or is_account_file(value))


def looks_random(text: str) -> bool:
    """Whether a text is none that a person thought of: at least 12 characters that change their kind all the time."""
    text = text.strip()
    if len(text) < 12 or any(character.isspace() for character in text) or _UUID.fullmatch(text):
        return False
    runs = [_CLASSES.findall(run) for run in re.findall(r"[A-Za-z0-9]+", text)]
    parts, changes = sum(map(len, runs)), sum(len(run) - 1 for run in runs)
    return changes >= 3 and sum(map(len, re.findall(r"[A-Za-z0-9]+", text))) <= 3 * parts


def _is_for_people(value: str) -> bool:
    """A sentence or a title of a screen: words and small numbers, a capital in front, or an end mark behind."""
    words = [word.strip(".,;:!?…'’\"()-/") for word in value.split()]
    plain = all(_PLAIN_WORD.fullmatch(word) for word in words)
    return len(words) > 1 and plain and (value[0].isupper() or value[-1] in ".!?…:")


def assignments(text: str) -> Iterator[tuple[str, str]]:
    """``(name, value)`` of what a script or a configuration file assigns to a name that announces a secret."""
    if "machine" in text or "curl" in text:
        for login in _LOGIN.finditer(text):
            value = login["password"] or login["user"]
            if is_literal(value):
                yield login["netrc"] or "curl --user", value
    if not mentions_secret(text):
        return
    for line in filter(mentions_secret, text.splitlines()):
        for found in (*_ASSIGNMENT.finditer(line), *_OPTION.finditer(line)):
            if announces(found["name"], found["value"]) and is_literal(found["value"]):
                yield found["name"], found["value"]


def mentions_secret(text: str) -> bool:
    """Whether a word stands in a text that could be a secret's name: a cheap question before dear ones."""
    low = text.lower()
    return any(word in low for word in _WORTH_A_LOOK)
