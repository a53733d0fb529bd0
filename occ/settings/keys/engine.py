"""`[services.NAME.engine]`: keys that only the engine has, under the engine's own names."""

from collections.abc import Mapping
from typing import Final

from occ.domain.engine_keys import ENGINE_KEYS
from occ.domain.secrets.secrecy import clean_argv, holds_secret
from occ.domain.values import Json
from occ.errors import ConfigError
from occ.settings.keys.setting import Shape, unknown
from occ.settings.toml.node import Node

# Tables within tables beyond this are no container's settings.
_DEEPEST = 16
_INT64 = 1 << 63

# A type of JSON -> its type here, its name for people, how it is written in TOML.
_TYPES: Final[Mapping[str, tuple[type, str, str]]] = {
    "bool": (bool, "true or false", "true"),
    "int": (int, "a whole number", "it without quotes and point"),
    "str": (str, "text", '"..."'),
    "list": (list, "a list", "[...]"),
    "dict": (dict, "a table", "{ NAME = value }"),
}
_JSON: Final[Mapping[str, str]] = {
    "bool": "boolean",
    "int": "integer",
    "str": "string",
    "list": "array",
    "dict": "object",
}
SHAPE: Final[Shape] = {
    "type": "object",
    "properties": {key: {"type": _JSON[kind]} for key, kind in ENGINE_KEYS.items()},
    "additionalProperties": False,
}


def engine(node: Node, ours: Mapping[str, str]) -> Mapping[str, Json]:
    """Keys of the engine's create call, each with a value of the type that the engine wants.

    `ours` are the engine's names for which occ has a key, with that key.

    Raises:
        ConfigError: the engine has no such key, occ has a key for it, or the value is of
            another type.
    """
    found: dict[str, Json] = {}
    for entry in node.entries("engine = { ShmSize = 67108864 }"):
        key = str(entry.path[-1])
        if key == "AutoRemove":
            raise entry.bad("the engine would remove what must be put back", "take it out")
        if key in ours:
            raise entry.bad("occ has its own key for this", f"write {ours[key]} instead")
        if key not in ENGINE_KEYS:
            raise unknown(entry, tuple(ENGINE_KEYS))
        found[key] = _json(entry)
        expected, wanted, sample = _TYPES[ENGINE_KEYS[key]]
        if type(found[key]) is not expected:
            raise entry.bad(f"{wanted} is wanted, not {entry.type_name()}", f"write {sample}")
    return found


def _json(node: Node, depth: int = 0) -> Json:
    """The value as JSON that the journal can keep: no fractions, no dates, no secrets."""
    if depth > _DEEPEST:
        raise node.bad("tables or lists within each other go too deep", "take some out")
    match node.value:
        case bool() | int() as number:
            if not -_INT64 <= number < _INT64:
                raise node.bad("out of bounds", "write a number that fits in 64 bits")
            return number
        case str():
            if holds_secret(str(node.path[-1]), node.text()):
                raise _secret(node)
            return node.value
        case list() as elements:
            words = [element for element in elements if isinstance(element, str)]
            if clean_argv(words) != tuple(words):
                raise _secret(node)
            return [_json(element, depth + 1) for element in node.elements()]
        case dict():
            return {str(entry.path[-1]): _json(entry, depth + 1) for entry in node.entries("")}
        case _:
            fix = "write text, a whole number, true or false, a list or a table"
            raise node.bad(f"{node.type_name()} is nothing the engine takes", fix)


def _secret(node: Node) -> ConfigError:
    fix = "list a name under secrets, and write its place: {{secret:NAME}}"
    return node.bad("it looks like a secret, and the journal would keep it", fix)
