"""Where a module comes from: the address in a ``module`` block, read as Terraform reads it.

https://developer.hashicorp.com/terraform/language/modules/sources
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urljoin, urlsplit

_REGISTRY = re.compile(r"(?:([\w.-]+\.[\w.-]+|localhost)(:\d+)?/)?([\w-]+)/([\w-]+)/([\w-]+)\Z")
_SHORT = re.compile(r"(github\.com|bitbucket\.org)/([\w.-]+)/([\w.-]+?)(?:\.git)?(?=/|\?|\Z)")
_ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar")
# A branch, a tag or a commit; a leading hyphen would be an option of git.
_REF = re.compile(r"[\w][\w./+@-]{0,200}\Z")


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """``url``: of the repository or archive, of a registry module ``HOST/NAMESPACE/NAME/SYSTEM``. ``folder``: in it."""

    kind: Literal["git", "archive", "registry"]
    url: str
    folder: str = ""
    ref: str = ""


def module_source(text: str, registry: str) -> ModuleSource | str:
    """The source, or why it is not fetched. ``registry``: the host of addresses that name none."""
    address, folder, query = _parts(text)
    if ".." in folder.split("/"):
        return "its folder is outside of the package"
    if found := _REGISTRY.match(address):
        host, port, *names = found.groups()
        if not query and host not in ("github.com", "bitbucket.org"):
            return ModuleSource("registry", "/".join([(host or registry) + (port or ""), *names]), folder)
    options = {name: values[-1] for name, values in parse_qs(query).items()}
    forced, _, rest = address.rpartition("::")
    if short := _SHORT.match(rest):
        rest, forced = f"https://{short[1]}/{short[2]}/{short[3]}.git", forced or "git"
    if urlsplit(rest).scheme not in ("https", "http"):
        return "only modules from registries, and by HTTP from git and archives, are fetched"
    if forced == "git":
        ref = options.get("ref", "")
        return (
            ModuleSource("git", rest, folder, ref) if not ref or _REF.match(ref) else "its ref is not a valid git ref"
        )
    if forced not in ("", "http", "https"):
        return f"modules of {forced if forced.isalnum() else 'this kind'} are not fetched"
    if options.get("archive") in ("false", "0") or not (
        urlsplit(rest).path.endswith(_ARCHIVES) or f".{options.get('archive')}" in _ARCHIVES
    ):
        return "it is not an archive that Terraform can unpack"
    return ModuleSource("archive", rest, folder)


def _parts(text: str) -> tuple[str, str, str]:
    """Address, folder inside of the package (behind ``//``) and query."""
    before, _, query = text.partition("?")
    scheme = before.find("://")
    start = scheme + 3 if scheme >= 0 else 0
    at = before.find("//", start)
    return (before, "", query) if at < 0 else (before[:at], before[at + 2 :].strip("/"), query)


def relative_to(url: str, location: str) -> str:
    """What a registry answers as the place of a module: it may be relative to the URL that was asked."""
    if not location.startswith(("./", "../", "/")):
        return location
    address, folder, query = _parts(location)  # joining URLs makes one slash of two
    return urljoin(url, address) + (f"//{folder}" if folder else "") + (f"?{query}" if query else "")
