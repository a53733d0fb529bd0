"""Tables, and names with values, that fit the terminal; whole where programs read them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from occ.cli.terminal import fitting
from occ.cli.terminal.words import terminal_safe

_GAP = "  "
_INDENT = 4
_LEAST = 10
"""A value has so many columns, however narrow the terminal is."""
_NOTHING = frozenset({"", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column, and all that may happen to it on a terminal that is too narrow for the table."""

    name: str
    least: int = 0
    """It may be cut to this width; 0 where it is never cut."""
    middle: bool = False
    """It is cut in its middle, because both ends tell."""
    below: bool = False
    """It may go into a line under its row."""
    spare: bool = False
    """It may be left out: another command tells it."""
    stays: bool = False
    """It stays where it is equal in all rows: it is what people look for."""


Headers: TypeAlias = Sequence[str | Column]
"""A name alone is a column that nothing happens to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    below: tuple[tuple[tuple[Column, str], ...], ...]
    """The cells that stand under each row."""
    same: tuple[str, ...] = ()
    """The columns that have one value in all rows, with it."""

    def widths(self) -> list[int]:
        """The columns that each column takes when nothing is cut."""
        heads = [column.name for column in self.columns]
        return [max(map(fitting.width, cells)) for cells in zip(heads, *self.rows, strict=True)]

    def least(self) -> int:
        """The columns that the table takes when everything is cut that may be."""
        pairs = zip(self.columns, self.widths(), strict=True)
        return _total([min(w, c.least) if c.least else w for c, w in pairs])


def for_people() -> bool:
    """Whether tables are fitted to a terminal, and not whole for programs."""
    return fitting.room() is not None


def table(headers: Headers, rows: Sequence[Sequence[object]], *, indent: int = 0) -> str:
    """A table, whole where programs read it; the caller puts `indent` columns before its lines.

    On a terminal that is too narrow, columns with nothing to tell go first, then those that are
    equal in all rows, which are said once below. Then cells are cut, go under their rows, or are
    left out, as their columns say. A table that still does not fit tells each row in a sentence.
    """
    columns = tuple(x if isinstance(x, Column) else Column(name=x) for x in headers)
    cells = tuple(tuple(terminal_safe(str(cell)) for cell in row) for row in rows)
    grid = _Grid(columns=columns, rows=cells, below=((),) * len(cells))
    room = fitting.room()
    return _drawn(grid) if room is None else _fitted(grid, room - indent)


def pairs(rows: Sequence[tuple[str, object]]) -> str:
    """Names and values, one a line; empty values are left out.

    On a terminal a long value goes on below its own beginning.
    """
    shown = [
        (name, terminal_safe(str(value))) for name, value in rows if str(value) not in {"", "None"}
    ]
    width = max((len(name) for name, _ in shown), default=0)
    room = fitting.room()
    left = None if room is None else max(_LEAST, room - width - len(_GAP))
    lines = []
    for name, value in shown:
        first, *others = fitting.wrapped(value, left).splitlines() or [""]
        lines.append(f"{name:<{width}}{_GAP}{first}".strip())
        lines += [f"{'':{width}}{_GAP}{other}" for other in others]
    return "\n".join(lines)


def _fitted(grid: _Grid, room: int) -> str:
    if _total(grid.widths()) <= room:
        return _drawn(grid)
    for narrow, whole in _NARROWER:
        grid = narrow(grid)
        if (_total(grid.widths()) if whole else grid.least()) <= room:
            break
    else:
        return "\n".join([*_sentences(grid, room), *_same(grid, room)])
    widths = _cut_to(grid, room)
    grid = replace(
        grid,
        rows=tuple(
            tuple(
                fitting.cut(cell, width, middle=column.middle)
                for cell, width, column in zip(row, widths, grid.columns, strict=True)
            )
            for row in grid.rows
        ),
    )
    return "\n".join([_drawn(grid, room), *_same(grid, room)])


def _cut_to(grid: _Grid, room: int) -> list[int]:
    """The width of each column: the widest that may be cut gives way first."""
    pairs = zip(grid.columns, grid.widths(), strict=True)
    widths = [min(width, max(c.least, room)) if c.least else width for c, width in pairs]
    while _total(widths) > room:
        spare = [n for n, c in enumerate(grid.columns) if c.least and widths[n] > c.least]
        widths[max(spare, key=widths.__getitem__)] -= 1
    return widths


def _drawn(grid: _Grid, room: int | None = None) -> str:
    from tabulate import tabulate  # noqa: PLC0415 - 50 ms, for tables only

    # Given as headers, the names would make every column two wider than its widest cell.
    names = [column.name for column in grid.columns]
    text = tabulate([names, *grid.rows], tablefmt="plain", disable_numparse=True)
    head, *lines = [line.rstrip() for line in text.splitlines()]
    shown = [head]
    for line, below in zip(lines, grid.below, strict=True):
        shown += [line, *(_under(column, text, room) for column, text in below)]
    return "\n".join(shown)


def _under(column: Column, text: str, room: int | None) -> str:
    told = f"{'':{_INDENT}}{column.name}: {text}"
    if column.least and room is not None:
        return fitting.cut(told, room)
    return fitting.wrapped(told, room, hang=_INDENT)


def _sentences(grid: _Grid, room: int) -> Iterator[str]:
    for row, below in zip(grid.rows, grid.below, strict=True):
        cells = (*zip(grid.columns, row, strict=True), *below)
        told = [f"{column.name} {cell}".strip() for column, cell in cells if cell not in _NOTHING]
        yield fitting.listed(told, room, hang=2)


def _same(grid: _Grid, room: int) -> list[str]:
    if not grid.same:
        return []
    first, *others = grid.same
    return [fitting.listed([f"the same in all: {first}", *others], room, hang=2)]


def _without_empty(grid: _Grid) -> _Grid:
    return _with(grid, [n for n, cells in _cells(grid) if set(cells) - _NOTHING])


def _without_equal(grid: _Grid) -> _Grid:
    """A single row is equal to itself in everything, and keeps all."""
    if len(grid.rows) == 1:
        return grid
    equal = {n for n, c in _cells(grid) if len(set(c)) == 1 and not grid.columns[n].stays}
    same = tuple(f"{grid.columns[n].name} {grid.rows[0][n]}" for n in sorted(equal))
    kept = [n for n in range(len(grid.columns)) if n not in equal]
    return replace(_with(grid, kept), same=same)


def _long_ones_below(grid: _Grid) -> _Grid:
    """Cells that are never cut go below first: they are sentences and lists."""
    return _below(grid, {n for n, c in enumerate(grid.columns) if c.below and not c.least})


def _all_below(grid: _Grid) -> _Grid:
    return _below(grid, {n for n, column in enumerate(grid.columns) if column.below})


def _below(grid: _Grid, moved: set[int]) -> _Grid:
    lines = tuple(
        (*already, *((grid.columns[n], row[n]) for n in sorted(moved) if row[n] not in _NOTHING))
        for row, already in zip(grid.rows, grid.below, strict=True)
    )
    kept = [n for n in range(len(grid.columns)) if n not in moved]
    return replace(_with(grid, kept), below=lines)


def _without_spare(grid: _Grid) -> _Grid:
    return _with(grid, [n for n, column in enumerate(grid.columns) if not column.spare])


def _cells(grid: _Grid) -> Iterator[tuple[int, tuple[str, ...]]]:
    return enumerate(zip(*grid.rows, strict=True))


def _with(grid: _Grid, kept: Sequence[int]) -> _Grid:
    return replace(
        grid,
        columns=tuple(grid.columns[n] for n in kept),
        rows=tuple(tuple(row[n] for n in kept) for row in grid.rows),
    )


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * max(0, len(widths) - 1)


_NARROWER: Final[tuple[tuple[Callable[[_Grid], _Grid], bool], ...]] = (
    (_without_empty, True),
    (_long_ones_below, True),
    (_without_equal, False),
    (_all_below, False),
    (_without_spare, False),
)
"""The ways to a narrower table, tried in turn, and whether it must fit with nothing cut."""
