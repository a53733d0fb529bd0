"""Tables that fit the terminal."""

import sys
from collections.abc import Sequence

from occ.cli.terminal import streams
from occ.cli.terminal.words import terminal_safe


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table, whole where programs read it.

    On a terminal that is too narrow, columns with nothing to tell go first; a table that still does
    not fit becomes one block of lines a row.
    """
    cells = [[terminal_safe(str(cell)) for cell in row] for row in rows]
    text = _drawn(headers, cells)
    if not streams.terminal(sys.stdout):
        return text
    room = streams.columns(sys.stdout)
    if _width(text) > room:
        telling = [n for n in range(len(headers)) if {row[n] for row in cells} - {"", "-"}]
        text = _drawn([headers[n] for n in telling], [[row[n] for n in telling] for row in cells])
    if _width(text) <= room:
        return text
    return "\n\n".join(
        pairs(
            [(name, "" if cell == "-" else cell) for name, cell in zip(headers, row, strict=True)]
        )
        for row in cells
    )


def _drawn(headers: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    from tabulate import tabulate  # noqa: PLC0415 - 50 ms, for tables only

    # Given as headers, the names would make every column two wider than its widest cell.
    text = tabulate([headers, *cells], tablefmt="plain", disable_numparse=True)
    return "\n".join(line.rstrip() for line in text.splitlines())


def _width(text: str) -> int:
    return max((len(line) for line in text.splitlines()), default=0)


def pairs(rows: Sequence[tuple[str, object]]) -> str:
    """Names and values, one a line; empty values are left out."""
    shown = [
        (name, terminal_safe(str(value))) for name, value in rows if str(value) not in {"", "None"}
    ]
    width = max((len(name) for name, _ in shown), default=0)
    return "\n".join(f"{name:<{width}}  {value}".strip() for name, value in shown)
