"""The table of docs/journal.md on who is found by what: each row done to a journal, and tried."""

import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from occ.app.app import App
from occ.domain.events import OperationDone
from occ.journal.open import open_journal
from occ.journal.port import Head
from occ.operations import labels
from tests.cli.conftest import Occ
from tests.cli.stage import Stage
from tests.contract.memory_lab import built
from tests.faults.cells import HEALTH
from tests.faults.memory import IMAGE, NAME, PORT, MemoryWorld
from tests.unit.journal.samples import PLANNED, STAMP
from tests.unit.journal.test_damage import CLOSE_UP, SLIP_IN, SWAP, change
from tests.unit.journal.test_written_anew import written_anew

PAGE = Path(__file__).parents[2] / "docs" / "journal.md"


@dataclass
class Tried:
    """A journal in a file, of a service whose container was made by operation 2 of three."""

    world: MemoryWorld
    occ: Occ
    copies: Mapping[str, Path]
    """The journal `before` that container was made and `after` it, and `another` one."""
    noted: str
    """The newest head, noted elsewhere."""

    @property
    def path(self) -> Path:
        return self.world.folder / "journal.db"

    @property
    def last(self) -> int:
        return Head.parse(self.noted).position

    @property
    def carried(self) -> int:
        """The position of the head that the container carries."""
        there = self.world.engine.host.there(NAME)
        return Head.parse(there.labels[labels.HEAD]).position

    @property
    def made_first(self) -> int:
        """The position of the last entry before the operation that made the container."""
        journal = open_journal(str(self.copies["before"]))
        try:
            return journal.head().position
        finally:
            journal.close()

    def do(self, script: str) -> None:
        change(self.path, script)

    def cut(self, after: int) -> None:
        self.do(f"DELETE FROM entries WHERE position > {after}")

    def copied(self, copy: Path) -> None:
        for file in self.world.folder.glob("journal.db-*"):
            file.unlink()
        shutil.copy(copy, self.path)

    def found(self) -> set[str]:
        """The commands that find something: they are the words of the table's second column."""
        shows = [self.occ("show", str(number)).status for number in (1, 2, 3)]
        tried = {
            "read": 9 in shows,
            "verify": self.occ("journal", "verify").status == 9,
            "head": self.occ("journal", "verify", "--head", self.noted).status == 9,
            "doctor": "journal_damaged" in self.occ("doctor").out,
            "change": self.occ("start", "--yes").status in {4, 9},
        }
        return {name for name, finds in tried.items() if finds}


@pytest.fixture
def tried(tmp_path: Path, occ: Occ, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Tried:
    world = MemoryWorld(tmp_path)
    path = tmp_path / "journal.db"

    def opened(*_: object, **__: object) -> App:
        return App(replace(world.desk(), open_journal=lambda _: open_journal(str(path))))

    def kept(name: str) -> Path:
        return Path(shutil.copy(path, tmp_path / name))

    monkeypatch.setattr(stage, "open", opened)
    another = open_journal(str(tmp_path / "another"))
    another.open_operation((PLANNED, OperationDone()), STAMP)
    another.close()
    world.box.configure(IMAGE, PORT, health=HEALTH.format(timeout="30s"))
    world.engine.host.registry.publish(IMAGE, built("good", "1.0"))
    assert occ("start", "--yes").status == 0
    copies = {"another": tmp_path / "another", "before": kept("before")}
    world.engine.host.registry.publish(IMAGE, built("good", "2.0"))
    assert occ("update", "--yes").status == 0
    copies["after"] = kept("after")
    assert occ("stop", "--yes").status == 0
    return Tried(world, occ, copies, occ("journal", "head").out.strip())


Act = Callable[[Tried], object]
EVE = "UPDATE entries SET operator = 'eve' WHERE position = "


def relabelled(tried: Tried) -> None:
    """Cut the end off, and have container and note tell of the new end alone."""
    tried.cut(tried.carried - 1)
    tried.noted = tried.occ("journal", "head").out.strip()
    there = tried.world.engine.host.there(NAME)
    there.labels = {**there.labels, labels.HEAD: tried.noted}


def by_the_means_of_occ(tried: Tried) -> None:
    journal = open_journal(str(tried.path))
    journal.open_operation((PLANNED, OperationDone()), STAMP)
    journal.close()


def guardless(tried: Tried) -> None:
    with closing(sqlite3.connect(tried.path)) as connection:
        connection.execute("DROP TRIGGER entries_never_change")


def damaged(tried: Tried) -> None:
    data = bytearray(tried.path.read_bytes())
    data[4096:8192] = b"\xa5" * 4096
    tried.path.write_bytes(data)


ALL = {"read", "verify", "head", "doctor", "change"}
ROWS: dict[str, dict[str, tuple[Act, set[str]]]] = {
    "changed, swapped or slipped in an entry, or took one out of the middle": {
        "changed": (lambda t: t.do(f"{EVE}5"), ALL - {"change"}),
        "swapped": (lambda t: t.do(SWAP.replace("50", "5").replace("51", "6")), ALL),
        "slipped in": (lambda t: t.do(SLIP_IN.replace("= 50", "= 5")), ALL - {"read", "change"}),
        "took out": (lambda t: t.do(CLOSE_UP.replace("50", "5")), ALL),
    },
    "wrote an entry that fits its hash and cannot be read as one": {
        "no event": (lambda t: written_anew(t.path, t.last, body="no JSON"), ALL),
    },
    "took a guard off the table, which keeps it append-only, or damaged the file": {
        "guard": (guardless, {"verify", "head", "doctor"}),
        "damaged": (damaged, ALL),
    },
    "cut the end off, from before a container was made that is still there": {
        "one entry": (lambda t: t.cut(t.carried - 1), {"verify", "head", "doctor"}),
        "an operation": (lambda t: t.cut(t.made_first), {"verify", "head", "change"}),
    },
    "cut the end off, from after that": {
        "one entry": (lambda t: t.cut(t.last - 1), {"head"}),
        "all since": (lambda t: t.cut(t.carried), {"head"}),
    },
    "wrote entries anew with new hashes": {
        "before the container": (
            lambda t: written_anew(t.path, t.carried, operator="eve"),
            {"verify", "head", "doctor"},
        ),
        "after it": (lambda t: written_anew(t.path, t.carried + 1, operator="eve"), {"head"}),
    },
    "put a whole older copy in its place": {
        "from before the container": (
            lambda t: t.copied(t.copies["before"]),
            {"verify", "head", "change"},
        ),
        "from after it": (lambda t: t.copied(t.copies["after"]), {"head"}),
    },
    "put another journal in its place, with an id of its own": {
        "another": (lambda t: t.copied(t.copies["another"]), {"head", "change"}),
    },
    "changed the newest head's note or the labels too": {"cut as well": (relabelled, set())},
    "wrote untrue entries by the means of occ itself": {"one more": (by_the_means_of_occ, set())},
}
CASES = [(row, name) for row, cases in ROWS.items() for name in cases]
NAMED = {
    "any command that reads the entry": {"read"},
    "`journal verify`": {"verify"},
    "`occ doctor`": {"doctor"},
    "changing commands": {"change"},
    "`journal verify --head`": {"head"},
    "the same two": {"verify", "head"},
    "as for an end that was cut off": {"verify", "change", "head"},
}
"""The words of the second column, and the commands that they stand for."""


def test_a_whole_journal_is_found_fault_with_by_none(tried: Tried) -> None:
    assert tried.found() == set()


@pytest.mark.parametrize(("row", "name"), CASES)
def test_it_is_found_by_these_commands_and_by_no_others(tried: Tried, row: str, name: str) -> None:
    done, finders = ROWS[row][name]
    done(tried)
    assert tried.found() == finders


def test_the_page_names_the_commands_that_find_each() -> None:
    table = PAGE.read_text().partition("| somebody | is found by |\n|---|---|\n")[2]
    rows = [line.strip("| ").split(" | ") for line in table.partition("\n\n")[0].splitlines()]
    assert [row for row, _ in rows] == [*ROWS]
    before: set[str] = set()
    for row, says in rows:
        named = {one for words, those in NAMED.items() if words in says for one in those}
        named = before if says == "the same" else named
        found = set().union(*(finders for _, finders in ROWS[row].values()))
        assert named <= found, row
        if "alone" in says or says.startswith("nothing"):
            assert found == named, row
        else:
            assert named, row
        before = named
