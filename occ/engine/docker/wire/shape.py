"""The shapes within an engine's answer: a value of another shape is read as an empty one.

An image and a container may declare anything, and other programs than Docker answer too.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from occ.domain.total import HIGHEST_PORT, whole_number
from occ.errors import EngineRefusedError

_MOST: Final = (1 << 63) - 1


def table(value: object) -> Mapping[str, Any]:
    """A table; an empty one for all else."""
    return value if isinstance(value, dict) else {}


def tables(value: object) -> Sequence[Mapping[str, Any]]:
    """The tables of a list."""
    return [one for one in listed(value) if isinstance(one, dict)]


def listed(value: object) -> Sequence[Any]:
    """A list; an empty one for all else."""
    return value if isinstance(value, list | tuple) else ()


def text(value: object) -> str:
    """A text; an empty one for all else."""
    return value if isinstance(value, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(one for one in listed(value) if isinstance(one, str))


def words(value: object) -> dict[str, str]:
    """The texts of a table, by their keys."""
    return {key: one for key, one in table(value).items() if isinstance(one, str)}


def number(value: object) -> int:
    """A whole number of 64 bits; 0 for all else."""
    good = isinstance(value, int) and not isinstance(value, bool) and -_MOST <= value <= _MOST
    return value if good and isinstance(value, int) else 0


def port(value: object) -> int:
    """A port from 1 to 65535, as text or number; 0 for all else."""
    return whole_number(str(value), HIGHEST_PORT) or 0 if isinstance(value, str | int) else 0


def needed(there: object, *keys: str) -> str:
    """The text that an answer must have, at a path of keys.

    Raises:
        EngineRefusedError: it is not there, or empty.
    """
    found: object = there
    for key in keys:
        found = table(found).get(key)
    if not isinstance(found, str) or not found:
        raise EngineRefusedError(
            f"the engine's answer cannot be used: it has no {'.'.join(keys)}",
            hint="docker version",
        )
    return found
