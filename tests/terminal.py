"""A person's terminal: commands typed in a folder, what is answered, and the page about it."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pexpect

_ROWS, _COLUMNS = 50, 118
_FENCED = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Terminal:
    """Types `occ` commands one after the other, and keeps what was on the screen."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = {**environ, "TERM": "xterm"}
        self.screens: list[str] = []

    def occ(self, *words: str, answers: Sequence[tuple[str, str]] = (), status: int = 0) -> str:
        """Run a command to this end, answering each question when its words are there."""
        child = pexpect.spawn(
            sys.executable,
            ["-m", "occ", *words],
            env=self._environ,
            cwd=str(self._folder),
            encoding="utf-8",
            timeout=30,
            dimensions=(_ROWS, _COLUMNS),
        )
        seen = ""
        for question, answer in answers:
            child.expect_exact(question)
            seen += f"{child.before}{child.after}"
            child.sendline(answer)
        child.expect(pexpect.EOF)
        screen = seen_by_a_person(seen + str(child.before))
        child.close()
        assert child.exitstatus == status, f"occ {' '.join(words)}: {child.exitstatus}\n{screen}"
        self.screens.append(f"$ occ {' '.join(words)}\n{screen}")
        return screen


def seen_by_a_person(raw: str) -> str:
    """What stays on a screen: of a line that was written over, the last writing."""
    lines = [line.rpartition("\r")[2].removesuffix("\x1b[K") for line in raw.split("\r\n")]
    return "\n".join(line.rstrip() for line in lines)


def aligned(table: str) -> str:
    """A table whose cells were replaced, its columns as wide as they are now."""
    rows = [re.split(r" {2,}", line) for line in table.splitlines()]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def blocks(page: str) -> list[str]:
    """The console blocks of a page."""
    return _FENCED.findall(page)


def with_blocks(page: str, screens: Sequence[str]) -> str:
    """The page with these screens in the places of its console blocks, one for one."""
    assert len(blocks(page)) == len(screens), "the page has one console block for each command"
    left = iter(screens)
    return _FENCED.sub(lambda _: f"```console\n{next(left)}```", page)
