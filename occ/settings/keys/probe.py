"""`[services.NAME.health]`: readers of the keys that say how a probe asks."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from occ.domain.secrets.places import placed_in, without_places
from occ.domain.secrets.secrecy import MASK, clean, holds_secret
from occ.domain.spec import Login
from occ.settings.keys import readers, short_syntax
from occ.settings.keys.setting import Shape, unknown
from occ.settings.toml.node import Node

HOST: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?(?::[0-9]{1,5})?")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# Headers that the probe writes itself, and those whose value is a login.
_OWN: Final = frozenset({"host", "cache-control", "connection", "content-length"})
_LOGINS: Final = frozenset({"authorization", "proxy-authorization", "cookie"})

HEADERS: Final[Shape] = {
    "type": "object",
    "propertyNames": {"pattern": _HEADER},
    "additionalProperties": {"type": "string"},
}
LOGIN: Final[Shape] = {
    "type": "object",
    "properties": {
        "user": {"type": "string", "minLength": 1},
        "secret": {"type": "string", "pattern": readers.VARIABLE},
    },
    "required": ["user", "secret"],
    "additionalProperties": False,
}


def host(node: Node) -> str:
    """A name of a host, and a port where it is not the usual one."""
    found = readers.text(node)
    if not HOST.fullmatch(found):
        raise node.bad("it is no name of a host", 'write a name, or name:port: "web.example.org"')
    return found


def headers(node: Node) -> Mapping[str, str]:
    """Headers by their names; no secret is among them but by its place."""
    found: dict[str, str] = {}
    for entry in node.entries('headers = { Accept = "application/json" }'):
        name, value = str(entry.path[-1]), entry.text()
        if not _HEADER.fullmatch(name) or name.lower() in _OWN:
            fix = "name another one; for Host write health.host, for a login health.auth"
            raise entry.bad("it is no header that can be set", fix)
        carries = name.lower() in _LOGINS or holds_secret(name, value)
        if clean(value) != value or (carries and not placed_in(value)):
            fix = 'write its place: "{{secret:NAME}}", and list NAME under secrets'
            wrong = "it looks like a secret, and the journal would keep it"
            raise _hidden(entry).bad(wrong, fix)
        if not value.isprintable():
            raise entry.bad("a header is one line", "take out what cannot be printed")
        found[name] = value
    return found


def _hidden(node: Node) -> Node:
    """The place of a value that no message may show."""
    return replace(node, value=MASK)


def login(node: Node) -> Login:
    """A user, and the name of a secret."""
    example = 'auth = { user = "admin", secret = "ADMIN_PASSWORD" }'
    if isinstance(node.value, str):  # perhaps `user:password`
        raise _hidden(node).bad("a table is wanted, not text", f"write {example}")
    found = {str(entry.path[-1]): entry for entry in node.entries(example)}
    for key, entry in found.items():
        if key not in {"user", "secret"}:
            raise unknown(entry, ("user", "secret"))
    if set(found) != {"user", "secret"}:
        raise node.bad("user and secret are wanted", f"write {example}")
    user, secret = readers.text(found["user"]), readers.text(found["secret"])
    if ":" in without_places(user) or not user.isprintable():
        raise _hidden(found["user"]).bad("no login has such a user", "write a name without a colon")
    if not readers.is_variable(secret):
        fix = 'write the name of a secret, as in "ADMIN_PASSWORD"; never its value'
        raise found["secret"].bad("it is no name of a variable", fix)
    return Login(user=user, secret=secret)


def login_table(auth: Login) -> dict[str, str]:
    """The way back; empty for no login."""
    return {"user": auth.user, "secret": auth.secret} if auth.secret else {}


def plain_text(node: Node) -> str:
    """Text without a secret."""
    found = readers.text(node)
    if clean(found) != found:
        raise node.bad("it looks like a secret, and the journal would keep it", "take it out")
    return found


def file(node: Node) -> str:
    """A file; a relative path starts at the config's folder."""
    return os.path.normpath(short_syntax.beside_config(node))
