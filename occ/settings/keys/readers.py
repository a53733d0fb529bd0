"""Readers of single values: each takes a form of text, number or list, and refuses any other."""

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Final

from occ.domain.secrets.secrecy import clean_argv, holds_secret, looks_secret
from occ.domain.values import ACCOUNT_FORM, ACCOUNT_NAME, SERVICE, Reference
from occ.errors import UsageMistakeError
from occ.settings.keys.setting import Shape
from occ.settings.toml.node import Node

RESTART: Final = re.compile(r"no|always|unless-stopped|on-failure(?::[0-9]{1,6})?")
VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
CONTAINER: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", re.ASCII)
NETWORK: Final = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*")
_ACCOUNT = re.compile(r"(?:[a-zA-Z_][a-zA-Z0-9_.-]*\$?|[0-9]{1,10})")
USER: Final = re.compile(rf"{_ACCOUNT.pattern}(?::{_ACCOUNT.pattern})?")
_LABEL: Final = re.compile(r"(?!occ(?:\.|$)).+")
LABELS: Final[Shape] = {
    "type": "object",
    "propertyNames": {"pattern": _LABEL},
    "additionalProperties": {"type": "string"},
}
NEXT: Final = ".occ-next"
"""The end of a replacement's name until it has proven itself."""
_TO_SECRETS = "list its name under secrets, and give the value with occ secret set"


def text(node: Node) -> str:
    """Text that is not empty."""
    found = node.text()
    if not found:
        raise node.bad("it is empty", "write a value, or leave the key out")
    return found


def whole(low: int, high: int) -> Callable[[Node], int]:
    """Make a reader of whole numbers from `low` to `high`."""
    return lambda node: node.whole(low, high)


def flag(node: Node) -> bool:
    """True or false."""
    if not isinstance(node.value, bool):
        raise node.bad(f"true or false is wanted, not {node.type_name()}", "write true or false")
    return node.value


def image(node: Node) -> str:
    """An image reference; without tag and digest it is `latest`, as Docker has it."""
    try:
        return str(Reference.parse(text(node)))
    except UsageMistakeError as error:
        raise node.bad("it is no image reference", error.hint) from None


def names_container(text: str) -> bool:
    """Whether a service's container may have this name."""
    return bool(CONTAINER.fullmatch(text)) and NEXT not in text


def container(node: Node) -> str:
    """The name of a container, as the engine takes it."""
    found = node.text()
    if not CONTAINER.fullmatch(found):
        fix = "use letters, digits, '_', '.' and '-', at least two, a letter or digit first"
        raise node.bad("it is no name of a container", fix)
    if NEXT in found:
        raise node.bad(f"names with {NEXT} are occ's own", "choose another name")
    return found


def restart(node: Node) -> str:
    """The engine's restart policy."""
    if isinstance(node.value, str) and RESTART.fullmatch(node.value):
        return node.value
    listed = '"no", "always", "unless-stopped", "on-failure" or "on-failure:3"'
    raise node.bad("it is no restart policy", f"write {listed}")


def command(node: Node) -> tuple[str, ...]:
    """A list of words, or one text that is split as a shell would, without running one."""
    if isinstance(node.value, str):
        try:
            words = tuple(shlex.split(node.text()))
        except ValueError as error:
            reason = str(error).lower()
            raise node.bad(f"{reason}", "close the quote, or write a list of words") from None
    else:
        words = tuple(element.text() for element in node.elements())
    if clean_argv(words) != words:
        raise node.bad(
            "it holds a secret, and the journal would keep it",
            "list a name under secrets, and write its place: {{secret:NAME}}",
        )
    return words


def user(node: Node) -> str:
    """`name`, `uid`, `name:group` or `uid:gid`: who the container's process is."""
    if isinstance(node.value, int):
        raise node.bad("a user is written as text", f'write "{node.shown()}"')
    found = text(node)
    account, colon, group = found.partition(":")
    if not _ACCOUNT.fullmatch(account) or (colon and not _ACCOUNT.fullmatch(group)):
        raise node.bad("it is no user", 'write "1000", "1000:1000", "name" or "name:group"')
    return found


def env(node: Node) -> Mapping[str, str]:
    """Variables of the environment, none of them a secret."""
    found: dict[str, str] = {}
    for entry in node.entries('env = { NAME = "value" }'):
        name = str(entry.path[-1])
        if not VARIABLE.fullmatch(name):
            fix = "use letters, digits, '_', '.' and '-', not a digit first"
            raise entry.bad("it is no name of a variable", fix)
        _refuse_table(entry, name)
        if _is_secret(name, entry.value):
            raise entry.bad("it looks like a secret, and the journal would keep it", _TO_SECRETS)
        found[name] = entry.text()
    return found


def labels(node: Node) -> Mapping[str, str]:
    """Labels of the container; those that begin with `occ.` are occ's own."""
    found: dict[str, str] = {}
    for entry in node.entries('labels = { "org.example.team" = "value" }'):
        name = str(entry.path[-1])
        if name.startswith("occ.") or name == "occ":
            raise entry.bad("labels under occ. are occ's own", "choose another prefix")
        if not name or "\0" in name:
            raise entry.bad("it is no name of a label", "write a name")
        _refuse_table(entry, name)
        if _is_secret(name, entry.value):
            fix = "list a name under secrets, and write its place: {{secret:NAME}}"
            raise entry.bad("it looks like a secret, and the journal would keep it", fix)
        found[name] = entry.text()
    return found


def secrets(node: Node) -> tuple[str, ...]:
    """Names of variables whose values come from outside the config."""
    fix = 'write the name of a variable, as in "DB_PASSWORD"'
    return _distinct(node, VARIABLE, "it is no name of a variable", fix)


def is_variable(name: str) -> bool:
    """Whether it can be the name of a variable."""
    return VARIABLE.fullmatch(name) is not None


def networks(node: Node) -> tuple[str, ...]:
    """Names of networks; `host` and `none` stand alone: the engine joins no other beside them."""
    found = _distinct(node, NETWORK, "it is no name of a network", "write a name only")
    alone = {"host", "none"} & set(found)
    if alone and len(found) > 1:
        raise node.bad(f'"{alone.pop()}" excludes other networks', "name that one alone")
    return found


def joined(node: Node) -> tuple[str, ...]:
    """Names of networks that are joined beside another one."""
    found = networks(node)
    for name in found:
        if name in {"host", "none"} or name.startswith("container:"):
            raise node.bad(f'"{name}" cannot be joined beside another one', "name a network")
    return found


def after(node: Node) -> tuple[str, ...]:
    """Names of services."""
    fix = 'write the name of another service, as in "db"'
    return _distinct(node, SERVICE, "it is no name of a service", fix)


def users(node: Node) -> tuple[str, ...]:
    """Accounts inside the container that a replacement must have too."""
    return _distinct(node, ACCOUNT_NAME, "it is no name of a user", ACCOUNT_FORM)


def _refuse_table(entry: Node, name: str) -> None:
    if isinstance(entry.value, dict):
        dotted = f"{name}.{next(iter(entry.value), 'x')}"
        raise entry.bad("text is wanted, not a table", f'quote a name with dots: "{dotted}"')


def _is_secret(name: str, value: object) -> bool:
    """Asked before the type of the value is: a PIN without quotes is a secret all the same."""
    if isinstance(value, str):
        return holds_secret(name, value)
    return isinstance(value, int) and not isinstance(value, bool) and looks_secret(name)


def _distinct(node: Node, form: re.Pattern[str], wrong: str, fix: str) -> tuple[str, ...]:
    found: dict[str, Node] = {}
    for element in node.elements():
        name = element.text()
        if not form.fullmatch(name):
            raise element.bad(wrong, fix)
        if name in found:
            raise element.bad(f"it stands in {found[name].key} already", "take one out")
        found[name] = element
    return tuple(found)
