"""What every journal does, whatever keeps it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from occ.domain.events import (
    Event,
    JournalCreated,
    NumbersAdvanced,
    OperationDone,
    OperationResumed,
    VersionActivated,
    VersionRecorded,
)
from occ.domain.step_events import StepDone, StepStarted
from occ.errors import JournalConflictError, JournalDamagedError, JournalError
from occ.journal.port import Head, Journal, Stamp
from occ.journal.sqlite.store import SqlJournal
from tests.doubles.journal import MemoryJournal
from tests.unit.journal.samples import ACTOR, EVERY, HOSTED, PLANNED, STAMP, VERSION

OTHER = Stamp(service="other", operator="bob", at=STAMP.at + 5)


def _memory(_folder: Path) -> Journal:
    return MemoryJournal()


def _sqlite(folder: Path) -> Journal:
    return SqlJournal(folder / "data" / "journal.db")


@pytest.fixture(params=[_memory, _sqlite], ids=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    make: Callable[[Path], Journal] = request.param
    made = make(tmp_path)
    yield made
    made.close()


def test_a_journal_that_is_not_there_yet_tells_nothing_and_makes_nothing(
    journal: Journal, tmp_path: Path
) -> None:
    assert journal.head().position == 0
    assert list(journal.entries()) == []
    assert list(journal.entries(operation=1)) == []
    assert list(journal.latest()) == []
    assert journal.last_operation() == 0
    assert journal.verify().position == 0
    assert list(tmp_path.iterdir()) == []


def test_the_identity_told_before_the_first_append_is_the_one_that_stays(journal: Journal) -> None:
    told = journal.id
    assert len(told) == 32
    assert int(told, 16)
    journal.open_operation((PLANNED,), STAMP)
    assert journal.id == told
    first = next(journal.entries())
    assert first.event == JournalCreated(told)
    assert (first.position, first.operation, first.seq) == (1, 0, 0)
    assert (first.service, first.operator, first.at) == ("", "ada", STAMP.at)


def test_every_event_comes_back_as_it_was(journal: Journal) -> None:
    number = journal.open_operation(EVERY, STAMP)
    stored = list(journal.entries(operation=number))
    assert tuple(entry.event for entry in stored) == EVERY
    assert [entry.seq for entry in stored] == list(range(len(EVERY)))
    assert {(e.service, e.operator, e.at) for e in stored} == {("web", "ada", STAMP.at)}


def test_positions_have_no_gaps_and_operations_are_numbered_one_by_one(journal: Journal) -> None:
    first = journal.open_operation((PLANNED,), STAMP)
    second = journal.open_operation((HOSTED, PLANNED), OTHER)
    assert journal.append(first, 1, (StepStarted(0), StepDone(0)), STAMP) == 3
    assert (first, second) == (1, 2)
    entries = list(journal.entries())
    assert [e.position for e in entries] == list(range(1, 7))
    assert [(e.operation, e.seq) for e in entries] == [
        (0, 0),
        (1, 0),
        (2, 0),
        (2, 1),
        (1, 1),
        (1, 2),
    ]


def test_the_head_is_the_last_entry_and_what_verify_returns(journal: Journal) -> None:
    journal.open_operation((PLANNED, StepStarted(0)), STAMP)
    *_, last = journal.entries()
    assert journal.head() == Head(last.position, last.hash) == journal.verify()
    assert len({entry.hash for entry in journal.entries()}) == 3


@pytest.mark.parametrize("seq", [0, 1, 3, 7, -1])
def test_only_the_next_place_of_an_operation_is_free(journal: Journal, seq: int) -> None:
    number = journal.open_operation((PLANNED, StepStarted(0)), STAMP)
    before = journal.head()
    with pytest.raises(JournalConflictError):
        journal.append(number, seq, (StepDone(0),), STAMP)
    assert journal.head() == before


def test_an_operation_that_was_never_opened_takes_nothing(journal: Journal) -> None:
    journal.open_operation((PLANNED,), STAMP)
    with pytest.raises(JournalConflictError):
        journal.append(9, 0, (StepStarted(0),), STAMP)


def test_a_zombie_is_stopped_by_whoever_took_over(journal: Journal) -> None:
    number = journal.open_operation((PLANNED, StepStarted(0)), STAMP)
    assert journal.append(number, 2, (OperationResumed(ACTOR),), OTHER) == 3
    with pytest.raises(JournalConflictError, match=f"operation {number} was taken over"):
        journal.append(number, 2, (StepDone(0), StepStarted(1)), STAMP)
    assert journal.append(number, 3, (StepDone(0),), OTHER) == 4


def test_the_very_same_append_tried_again_is_the_one_that_is_there(journal: Journal) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    events = (StepStarted(0), StepDone(0))
    assert journal.append(number, 1, events, STAMP) == 3
    assert journal.append(number, 1, events, STAMP) == 3
    assert len(list(journal.entries(operation=number))) == 3


def test_what_cannot_be_stored_takes_the_whole_append_with_it(journal: Journal) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    before = journal.head()
    with pytest.raises(JournalError, match=r"step\.done holds 0\.5"):
        journal.append(number, 1, (StepStarted(0), StepDone(0, {"load": 0.5})), STAMP)  # type: ignore[dict-item]
    with pytest.raises(JournalError, match="NUL"):
        journal.append(number, 1, (StepStarted(0),), Stamp(service="web", operator="\0", at=1))
    assert journal.head() == before


def test_bytes_that_are_not_utf_8_are_stored_readably(journal: Journal) -> None:
    operator = b"ad\xff".decode(errors="surrogateescape")
    stamp = Stamp(service="web", operator=operator, at=1)
    number = journal.open_operation((StepDone(0, {operator: [operator]}),), stamp)
    (entry,) = journal.entries(operation=number)
    assert entry.operator == "ad\\udcff"
    assert entry.event == StepDone(0, {"ad\\udcff": ["ad\\udcff"]})
    journal.verify()


def test_entries_of_a_service_and_of_some_names(journal: Journal) -> None:
    for stamp in (STAMP, OTHER):
        events: tuple[Event, ...] = (PLANNED, VersionRecorded(VERSION), OperationDone())
        journal.open_operation((*events, VersionActivated(2, 1, "update")), stamp)
    names = ("version.activated", "version.recorded")
    mine = list(journal.entries(service="web", names=names))
    assert [e.event for e in mine] == [VersionRecorded(VERSION), VersionActivated(2, 1, "update")]
    assert {e.service for e in mine} == {"web"}
    everybody = list(journal.entries(names=names))
    assert [e.operation for e in everybody] == [1, 1, 2, 2]
    assert len(list(journal.entries(service="other"))) == 4
    assert len(list(journal.entries(operation=2, names=("operation.done",)))) == 1
    assert list(journal.entries(operation=2, service="web")) == []


def test_listing_is_newest_first(journal: Journal) -> None:
    for turn in range(6):
        journal.open_operation((HOSTED, PLANNED), (STAMP, OTHER)[turn % 2])
    assert [e.operation for e in journal.latest()] == [6, 5, 4, 3, 2, 1]
    assert [e.operation for e in journal.latest(service="web")] == [5, 3, 1]
    assert [e.operation for e in journal.latest(service="web", limit=1)] == [5]
    assert [e.operation for e in journal.latest(before=4)] == [3, 2, 1]
    assert [e.operation for e in journal.latest(service="other", before=6, limit=1)] == [4]
    assert list(journal.latest(before=1)) == []
    assert [e.operation for e in journal.latest(before=99, limit=1)] == [6]
    assert list(journal.latest(service="nobody")) == []


def test_more_than_a_page(journal: Journal) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    journal.append(number, 1, [StepStarted(n) for n in range(2500)], STAMP)
    assert [e.seq for e in journal.entries(operation=number)] == list(range(2501))
    assert sum(1 for _ in journal.entries(service="web", names=("step.started",))) == 2500
    assert journal.verify().position == 2502
    for _ in range(1100):
        journal.open_operation((PLANNED,), STAMP)
    assert [e.operation for e in journal.latest()] == list(range(1101, 0, -1))
    assert [e.operation for e in journal.latest(limit=1050)][-1] == 52


def test_numbers_that_were_skipped_count(journal: Journal) -> None:
    journal.open_operation((PLANNED,), STAMP)
    assert journal.append(0, 1, (NumbersAdvanced(operation=41, version=3),), STAMP) == 2
    assert journal.last_operation() == 41
    assert journal.open_operation((PLANNED,), STAMP) == 42
    assert journal.last_operation() == 42


def test_facts_of_no_operation_take_the_next_places_of_operation_0(journal: Journal) -> None:
    number = journal.open_operation((PLANNED,), STAMP)
    journal.note((NumbersAdvanced(operation=4, version=1),), OTHER)
    journal.append(number, 1, (StepStarted(0),), STAMP)
    more = (NumbersAdvanced(operation=5, version=1), NumbersAdvanced(operation=6, version=2))
    journal.note(more, STAMP)
    own = list(journal.entries(operation=0))
    assert [(e.position, e.seq) for e in own] == [(1, 0), (3, 1), (5, 2), (6, 3)]
    assert [(e.service, e.operator) for e in own[1:]] == [
        ("other", "bob"),
        ("web", "ada"),
        ("web", "ada"),
    ]
    assert tuple(e.event for e in own[2:]) == more
    assert journal.append(number, 2, (StepDone(0),), STAMP) == 3
    assert [e.operation for e in journal.latest()] == [1]
    assert journal.verify() == journal.head()
    assert journal.open_operation((PLANNED,), STAMP) == 7


def test_a_note_in_a_journal_that_is_not_there_makes_it(journal: Journal) -> None:
    told = journal.id
    journal.note((NumbersAdvanced(operation=4, version=1),), STAMP)
    assert [(e.operation, e.seq) for e in journal.entries()] == [(0, 0), (0, 1)]
    assert next(journal.entries()).event == JournalCreated(told)
    assert journal.open_operation((PLANNED,), STAMP) == 5


def test_a_note_that_cannot_be_stored_leaves_the_journal_as_it_was(journal: Journal) -> None:
    journal.open_operation((PLANNED,), STAMP)
    before = journal.head()
    with pytest.raises(JournalError, match="NUL"):
        journal.note((OperationDone(),), Stamp(service="web", operator="\0", at=1))
    assert journal.head() == before


def test_the_newest_entries_of_another_name(journal: Journal) -> None:
    for stamp in (STAMP, OTHER, STAMP):
        journal.note((NumbersAdvanced(operation=1, version=1), OperationDone()), stamp)
    done = journal.latest(name="operation.done")
    assert [(e.position, e.service) for e in done] == [(7, "web"), (5, "other"), (3, "web")]
    mine = journal.latest(name="operation.done", service="web", limit=1)
    assert [e.position for e in mine] == [7]


def test_entries_after_a_position(journal: Journal) -> None:
    number = journal.open_operation((PLANNED, StepStarted(0), StepDone(0)), STAMP)
    journal.append(number, 3, (OperationDone(),), STAMP)
    assert [e.position for e in journal.entries(after=3)] == [4, 5]
    assert [e.position for e in journal.entries(names=("operation.done",), after=4)] == [5]
    assert [e.position for e in journal.entries(operation=number, after=4)] == [5]
    assert list(journal.entries(after=5)) == []


def test_writing_while_entries_are_being_read(journal: Journal) -> None:
    journal.open_operation((PLANNED,), STAMP)
    walk = journal.latest()
    assert next(walk).operation == 1
    assert journal.open_operation((PLANNED,), STAMP) == 2
    assert list(walk) == []


def test_heads_that_were_noted_elsewhere(journal: Journal) -> None:
    journal.open_operation((PLANNED, StepStarted(0)), STAMP)
    head = journal.head()
    early = next(e for e in journal.entries() if e.position == 2)
    noted = [Head.parse(str(head)), Head(2, early.hash)]
    assert journal.verify(noted) == head
    with pytest.raises(JournalDamagedError, match=r"entry 4 .* so it is missing"):
        journal.verify([*noted, Head(7, "ab")])
    with pytest.raises(JournalDamagedError, match=r"entry 3 .* written anew"):
        journal.verify([Head(3, "0" * 16)])


@pytest.mark.parametrize("text", ["", "nonsense", "3:", ":ab", "x:ab"])
def test_a_label_that_is_no_head_notes_nothing(text: str) -> None:
    assert Head.parse(text).position == 0


def test_reserve_and_release_can_be_repeated(journal: Journal) -> None:
    journal.release()
    journal.reserve()
    journal.reserve()
    journal.release()
    journal.release()
