"""Addresses in the config: a token in one is a place, `{{secret:NAME}}`, and never written out.

Whoever has such an address can write to its reader, and many have their token in the path.
"""

import re
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from occ.domain.secrets.places import without_places
from occ.domain.secrets.secrecy import clean
from occ.settings.keys import readers
from occ.settings.toml.node import Node

FIX: Final = (
    "write {{secret:NAME}} in its place, and give the value with: "
    "occ secret set NAME --service notify"
)
WEB: Final = re.compile(r"(?:https?://|\{\{secret:)\S+")
ANY: Final = re.compile(r"(?:\S+://|\{\{secret:)\S+")
PLACE: Final = re.compile(r"\{\{secret:[A-Za-z_][\w.-]*\}\}")
"""Their forms, as an editor checks them."""
_LONG: Final = 16
_WORD: Final = re.compile(r"[A-Za-z]{1,15}|[0-9]{1,9}|v[0-9]{1,3}")
_BETWEEN: Final = re.compile(r"[-_.]")


def web(node: Node) -> str:
    """An address of HTTP, without a token; the whole may be the place of a secret.

    Raises:
        ConfigError: the value is no address, or has what looks like a token; its path is not told.
    """
    found = _checked(node)
    if without_places(found) and not found.startswith(("http://", "https://")):
        raise _hidden(node).bad(
            "it is no address of HTTP", "begin it with https://, or make it a secret's place"
        )
    return found


def any_scheme(node: Node) -> str:
    """An address as the library apprise has them, without a token.

    Raises:
        ConfigError: as for `web`.
    """
    found = _checked(node)
    if without_places(found) and "://" not in found:
        raise _hidden(node).bad("it is no address", "begin it with the name of a service and ://")
    return found


def place(node: Node) -> str:
    """The place of a secret, alone.

    Raises:
        ConfigError: it is something else, which is not repeated.
    """
    found = readers.text(node)
    if not PLACE.fullmatch(found):
        raise replace(node, value="***").bad("the value itself does not belong here", FIX)
    return found


def shown(address: str) -> str:
    """Scheme and host alone; of an address that is a secret as a whole, its place."""
    if not without_places(address):
        return address
    scheme, between, rest = address.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}{between}{host}" if between else scheme


def _checked(node: Node) -> str:
    found = readers.text(node)
    if any(each.isspace() or not each.isprintable() for each in found):
        raise _hidden(node).bad("it has blanks in it", "write it without them")
    if _has_token(found):
        raise _hidden(node).bad("it holds what looks like a token", FIX)
    return found


def _hidden(node: Node) -> Node:
    return replace(node, value=shown(str(node.value)))


def _has_token(address: str) -> bool:
    """Whether anything in it may be a secret: an account, a value of a query, a long odd word."""
    open_text = without_places(address)
    try:
        parts = urlsplit(open_text)
        queried = parse_qsl(parts.query)
    except ValueError:
        return False
    if clean(open_text) != open_text or parts.password or "@" in parts.netloc.strip("@:"):
        return True
    words = [*parts.path.split("/"), parts.fragment, *(value for _, value in queried)]
    return any(_is_odd(word) for word in words)


def _is_odd(word: str) -> bool:
    """Whether a part of a path is no word of a language: long, or letters and digits mixed."""
    parts = [part for part in _BETWEEN.split(word) if part]
    return len(word) >= _LONG and not all(map(_WORD.fullmatch, parts))
