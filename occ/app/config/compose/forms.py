"""Readers of the forms that values have in a resolved model of Compose."""

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from occ.settings.keys.measures import SIZE
from occ.settings.toml.node import Node

_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")
_CPUS: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,9})?")
_NANOS: Final = 1_000_000_000


def text(node: Node) -> str:
    """Text; a number, true or false as Compose writes it in a variable."""
    value = node.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return node.shown()
    return node.text()


def flag(node: Node) -> bool:
    """True or false."""
    if not isinstance(node.value, bool):
        raise node.bad(f"true or false is wanted, not {node.type_name()}", "correct it there")
    return node.value


def whole(node: Node) -> int:
    """A whole number, which Compose writes as text now and then."""
    found = text(node)
    if not _WHOLE.fullmatch(found):
        raise node.bad("it is no whole number", "correct it there")
    return int(found)


def size(node: Node) -> int:
    """A number of bytes, or text such as `64m`; -1 is no bound."""
    found = text(node)
    if _WHOLE.fullmatch(found):
        return int(found)
    parts = SIZE.fullmatch(found)
    if parts is None:
        raise node.bad("it is no size", "correct it there")
    return int(parts["number"]) << (10 * " kmgt".index(parts["unit"].lower().strip("b") or " "))


def nano_cpus(node: Node) -> int:
    """A number of processors, in billionths."""
    found = text(node)
    if not _CPUS.fullmatch(found):
        raise node.bad("it is no number of processors", "correct it there")
    return int(Decimal(found) * _NANOS)


def words(node: Node) -> tuple[str, ...]:
    """A list of texts; one text alone is a list of one."""
    if isinstance(node.value, list):
        return tuple(text(element) for element in node.elements())
    return (text(node),)


def pairs(node: Node) -> Mapping[str, str | None]:
    """A table of texts, or a list of `NAME=value`; None where a name has no value."""
    if isinstance(node.value, list):
        split = (text(element).partition("=") for element in node.elements())
        return {name: value if equals else None for name, equals, value in split}
    entries = node.entries('{ NAME = "value" }')
    return {str(e.path[-1]): None if e.value is None else text(e) for e in entries}


def set_pairs(node: Node) -> Mapping[str, str]:
    """The same, without the names that have no value."""
    return {name: value for name, value in pairs(node).items() if value is not None}
