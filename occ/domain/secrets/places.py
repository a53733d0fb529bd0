"""Places of secrets: `{{secret:NAME}}` in a text of a spec, filled in when a container is made.

The config, the journal and a spec's digest have the place; the container alone has the value. A
secret without any place is a variable of the environment under its own name.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_PLACE = re.compile(r"\{\{secret:(?P<name>[A-Za-z_][\w.-]*)\}\}")


def place(name: str) -> str:
    """How a text says that a secret's value belongs there."""
    return f"{{{{secret:{name}}}}}"


def placed_in(value: object) -> frozenset[str]:
    """The names of the secrets that have a place in a text, or in any text of a list or table."""
    return frozenset(found["name"] for text in texts(value) for found in _PLACE.finditer(text))


def mapped(value: Any, change: Callable[[str, str], str], before: str = "") -> Any:  # noqa: ANN401 - text, list or table
    """A text, list or table with each text changed; `change` gets the word before it, too.

    That is the text before it in a list of words, empty where there is none.
    """
    match value:
        case str():
            return change(value, before)
        case tuple() | list():
            befores = ("", *(one if isinstance(one, str) else "" for one in value))
            pairs = zip(value, befores, strict=False)
            return type(value)(mapped(one, change, earlier) for one, earlier in pairs)
        case Mapping():
            return {key: mapped(one, change) for key, one in value.items()}
        case _:
            return value


def filled(value: Any, values: Mapping[str, str]) -> Any:  # noqa: ANN401 - as above
    """A text, list or table with the values in their places; a place without a value is left."""
    return mapped(value, lambda text, _: _PLACE.sub(lambda at: values.get(at["name"], at[0]), text))


def without_places(text: str) -> str:
    """The text with the places of secrets taken out."""
    return _PLACE.sub("", text)


def between_places(text: str, change: Callable[[str], str]) -> str:
    """The text with all between its places changed, and the places as they are."""
    pieces, at = [], 0
    for found in _PLACE.finditer(text):
        pieces += [change(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join((*pieces, change(text[at:])))


def texts(value: object) -> tuple[str, ...]:
    """Every text in a text, list or table; names in a table are none of them."""
    found: list[str] = []

    def collected(text: str, _: str) -> str:
        found.append(text)
        return text

    mapped(value, collected)
    return tuple(found)
