"""Tables that fit the terminal."""

import shutil
import sys
from collections.abc import Sequence


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table; on a terminal too narrow for it, one block of lines a row instead."""
    from tabulate import tabulate  # noqa: PLC0415 - 50 ms, for tables only

    text = tabulate(rows, headers=headers, tablefmt="plain", disable_numparse=True)
    widest = max((len(line) for line in text.splitlines()), default=0)
    if not sys.stdout.isatty() or widest <= shutil.get_terminal_size().columns:
        return "\n".join(line.rstrip() for line in text.splitlines())
    return "\n\n".join(pairs(list(zip(headers, row, strict=True))) for row in rows)


def pairs(rows: Sequence[tuple[str, object]]) -> str:
    """Names and values, one a line; empty values are left out."""
    shown = [(name, str(value)) for name, value in rows if str(value) not in {"", "None"}]
    width = max((len(name) for name, _ in shown), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in shown)
