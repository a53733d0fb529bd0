"""What a disk may hold after the power is cut: replayed from the calls that a writer made.

`strace` tells every write, sync, truncation, creation, rename and removal, with its data. After
any of them the power may go. What was synced is there then; of what was not, any part may be:
whole writes, none, some of their sectors, or a block of noise. A name is safe only after its
folder was synced. The `-shm` file is memory and is not kept.
"""

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import join

from tests.testbed import machine

_ROOT = Path(__file__).parents[3]
_CALLS = "openat,write,pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2"
_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) = (\d+)")
_DESCRIPTOR = re.compile(r"(?:AT_FDCWD|\d+)<([^>]*)>")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_SECTOR, _BLOCK = 512, 4096


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changed a file or made it safe; `text` is what was written or a new name."""

    name: str
    path: str
    text: bytes = b""
    at: int = 0


def traced(journal: Path, runs: Sequence[int]) -> list[Call]:
    """The calls of one writer after another, each with so many appends, and what they told.

    strace is installed if need be.
    """
    machine.prepare(machine.STRACE)
    told, calls = journal.parent / "told", []
    for number, times in enumerate(runs):
        trace = journal.parent.with_name(f"trace{number}")
        writer = [sys.executable, "-m", "tests.unit.journal.writer", str(journal)]
        strace = ["strace", "-f", "-y", "-xx", "-s", "10000000", "-e", f"trace={_CALLS}"]
        with told.open("ab") as out:
            command = [*strace, "-o", str(trace), *writer, f"w{number}", str(times)]
            subprocess.run(command, stdout=out, check=True, cwd=_ROOT)
        with trace.open() as lines:
            calls += [call for line in lines for call in _call(line, journal.parent)]
        trace.unlink()
    told.unlink()
    return calls


def _call(line: str, folder: Path) -> Iterator[Call]:
    found = _LINE.match(line)
    if not found or bytes(folder).hex() not in line.replace("\\x", ""):
        return
    name, words, answer = found.groups()
    opened = [_text(text).decode() for text in _DESCRIPTOR.findall(words)]
    path = next(iter(opened), "")
    texts = [_text(text) for text in _TEXT.findall(words)]
    # A name stands within the open folder before it, unless it is a whole path.
    names = [join(*pair) for pair in zip(opened or [""] * 2, map(os.fsdecode, texts), strict=False)]
    match name:
        case "openat" if "O_CREAT" in words:
            yield Call("create", names[0])
        case "write":
            yield Call("write" if path.endswith("/told") else "append", path, texts[0])
        case "pwrite64":
            yield Call("pwrite", path, texts[0][: int(answer)], int(words.rpartition(",")[2]))
        case "ftruncate":
            yield Call("truncate", path, at=int(words.rpartition(",")[2]))
        case "fsync" | "fdatasync":
            yield Call("sync", path)
        case "unlink" | "unlinkat":
            yield Call("unlink", names[0])
        case "rename" | "renameat" | "renameat2":
            yield Call("rename", names[0], names[1].encode())
        case _:
            return


def _text(hexadecimal: str) -> bytes:
    return bytes.fromhex(hexadecimal.replace("\\x", ""))


@dataclass(slots=True)
class _File:
    safe: bytes = b""
    pending: list[Call] = field(default_factory=list)


@dataclass(slots=True)
class Disk:
    """A folder as its calls leave it: what is safe, and what is only on its way."""

    folder: str
    names: dict[str, _File] = field(default_factory=dict)
    safe_names: dict[str, _File] = field(default_factory=dict)
    renamings: list[dict[str, _File]] = field(default_factory=list)
    told: bytes = b""

    def play(self, call: Call) -> bool:
        """Carry a call out; whether the power may go after it with another end than before."""
        if call.path == f"{self.folder}/told":
            self.told += call.text if call.name == "write" else b""
            return call.name == "write"
        if call.name == "sync" and call.path == self.folder:
            self.safe_names = dict(self.names)
            self.renamings.clear()
            return True
        ours = call.path.startswith(f"{self.folder}/")
        if not ours or call.path.endswith(("-shm", ".lock", ".open", ".reserve")):
            return False
        return self._changed(call)

    def _changed(self, call: Call) -> bool:
        before = dict(self.names)
        match call.name:
            case "create":
                self.names.setdefault(call.path, _File())
            case "unlink":
                self.names.pop(call.path, None)
            case "rename":
                self.names[call.text.decode()] = self.names.pop(call.path)
            case "sync":
                file = self.names[call.path]
                file.safe = applied(file.safe, file.pending)
                file.pending.clear()
            case "pwrite" | "truncate":
                self.names[call.path].pending.append(call)
            case other:
                raise AssertionError(f"a journal is not written by {other}")
        if self.names != before:
            self.renamings.append(dict(self.names))
        return True

    def cut(self, chance: random.Random, way: str) -> dict[str, bytes]:
        """The files after a power cut: `none` or `all` of what was pending, or `some`, by chance.

        Names appear in their order; contents in any, and half.
        """
        stages = [self.safe_names, *self.renamings]
        shown = {"none": 0, "all": len(stages) - 1}.get(way, chance.randrange(len(stages)))
        kept = {}
        for path, file in stages[shown].items():
            pending = {"none": [], "all": file.pending}.get(way)
            calls = list(torn(file.pending, chance)) if pending is None else pending
            kept[Path(path).name] = applied(file.safe, calls)
        return kept


def applied(data: bytes, calls: Sequence[Call]) -> bytes:
    """A file's content after these calls."""
    if not calls:
        return data
    content = bytearray(data)
    for call in calls:
        if call.name == "truncate":
            content[call.at :] = bytes(max(0, call.at - len(content)))
            continue
        content.extend(bytes(max(0, call.at - len(content))))
        content[call.at : call.at + len(call.text)] = call.text
    return bytes(content)


def torn(calls: Sequence[Call], chance: random.Random) -> Iterator[Call]:
    """Some of the calls, the last or any; of some writes some sectors only, or one as noise.

    A block that is being written when the power goes may come out as noise in all its bytes, and
    those of others in it are gone too.
    """
    prefix = chance.random() < 0.5
    last = chance.randrange(len(calls) + 1)
    for number, call in enumerate(calls):
        if number >= last if prefix else chance.random() < 0.5:
            continue
        if call.name != "pwrite" or chance.random() < 0.7:
            yield call
            continue
        if chance.random() < 0.3:
            block = chance.randrange(call.at, call.at + len(call.text)) // _BLOCK * _BLOCK
            yield Call("pwrite", call.path, chance.randbytes(_BLOCK), block)
            continue
        for begin in range(0, len(call.text), _SECTOR):
            if chance.random() < 0.5:
                yield Call("pwrite", call.path, call.text[begin : begin + _SECTOR], call.at + begin)


def laid(files: dict[str, bytes], folder: Path) -> Path:
    """Put the files of a cut into an empty folder; where the journal would be."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder / "journal.db"
