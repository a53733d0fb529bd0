"""The names of snapshots, data sets and kept images, and how a step's result has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from occ.domain.values import Json

Sort: TypeAlias = Literal["snapshot", "data set", "image"]
SORTS: Final[tuple[Sort, ...]] = ("snapshot", "data set", "image")


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A snapshot, a data set, or the kept image of a version."""

    sort: Sort
    number: int
    """An image's is its version's."""

    def __str__(self) -> str:
        """As people and journals have it: `snapshot 12`, `data set 1`, `image 3`."""
        return f"{self.sort} {self.number}"


def name_of(text: str) -> Name | None:
    """The way back of a name's text; None for another text."""
    for sort in SORTS:
        number = text.removeprefix(f"{sort} ")
        if number != text and number.isdecimal():
            return Name(sort, int(number))
    return None


def told(gone: Iterable[tuple[Name, str]]) -> dict[str, Json]:
    """Names and reasons as a step's result has them: no text that is masked is a name."""
    pairs = list(gone)
    return {
        sort: {str(name.number): why for name, why in pairs if name.sort == sort} for sort in SORTS
    }


def read(result: Json) -> tuple[tuple[Name, str], ...]:
    """The way back; what cannot be read is left out."""
    found = result if isinstance(result, Mapping) else {}
    tables = ((sort, found.get(sort)) for sort in SORTS)
    return tuple(
        (Name(sort, int(number)), str(why))
        for sort, table in tables
        if isinstance(table, Mapping)
        for number, why in table.items()
        if number.isdecimal()
    )
