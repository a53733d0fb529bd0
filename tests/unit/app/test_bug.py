"""An update in which somebody answers what nobody foresaw: put back, exit 1, the cause kept."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from occ.app.app import App
from occ.app.bugs import kept_bug
from occ.app.ledgers import ledger_of, operation_of
from occ.app.options import Options
from occ.app.results import Outcome
from occ.engine.values import Answer, NoAnswer, Question
from occ.errors import BugError
from occ.journal.open import open_journal
from occ.operations.step_context import StepContext
from occ.operations.steps import STEPS
from occ.operations.steps.step import Result, Step
from tests.faults.memory import NAME, MemoryWorld
from tests.people import YES, do

DEEP = b"[" * 5_000


@pytest.fixture
def world(tmp_path: Path) -> MemoryWorld:
    made = MemoryWorld(tmp_path)
    made.prepare("update", "one")
    return made


def test_a_start_that_raises_is_put_back_with_exit_1(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = world.engine.start

    def started(container: str) -> None:
        there = world.engine.inspect(container)
        if there is not None and there.name.endswith(".occ-next"):
            raise RecursionError("in the answer: DB_PASSWORD=hunter22")
        start(container)

    monkeypatch.setattr(world.engine, "start", started)
    with pytest.raises(BugError) as told:
        do(App(world.desk()), "update", NAME, Options(), YES)
    assert (told.value.code, told.value.exit_status) == ("bug", 1)
    assert told.value.message == (
        "update of web failed: a bug in occ, or an answer that nobody foresaw: RecursionError; "
        "it is as it was found"
    )
    assert world.serves() == "1.0"
    (kept,) = world.journal.bugs
    assert "operation 2 of web" in kept.splitlines()[0]
    assert "RecursionError: in the answer: DB_PASSWORD=***" in kept
    assert "hunter22" not in kept
    monkeypatch.undo()
    assert world.occ("update") == 0
    assert world.serves() == "2.0"


@pytest.mark.parametrize("login", [False, True])
def test_a_probe_that_raises_is_put_back_with_exit_1(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch, login: bool
) -> None:
    if login:
        config = world.box.folder / "config.toml"
        auth = 'auth = { user = "ann", secret = "WEB_PASSWORD" }'
        config.write_text(
            config.read_text()
            .replace('path = "/health"', f'path = "/health"\n{auth}', 1)
            .replace("[services.web]", '[services.web]\nsecrets = ["WEB_PASSWORD"]', 1)
        )
        (world.box.folder / "web.secrets").write_text("WEB_PASSWORD=correct-horse\n")
    probe = world.engine.probe

    def probed(container: str, question: Question) -> Answer | NoAnswer:
        there = world.engine.inspect(container)
        if there is not None and there.name.endswith(".occ-next"):
            raise IndexError(f"sent {dict(question.headers)}")
        return probe(container, question)

    monkeypatch.setattr(world.engine, "probe", probed)
    assert world.occ("update") == 1
    kind = "RuntimeError" if login else "IndexError"
    assert world.said == (
        f"update of web failed: a bug in occ, or an answer that nobody foresaw: {kind}; "
        "it is as it was found"
    )
    assert world.serves() == "1.0"
    assert world.app.status(NAME).unfinished is None
    (kept,) = world.journal.bugs
    assert ("sent {" in kept) == (not login)
    assert "correct-horse" not in kept
    assert "Basic" not in kept
    monkeypatch.undo()
    assert world.occ("update") == 0
    assert world.serves() == "2.0"


@pytest.mark.parametrize("point", [f"engine:{number}:after" for number in range(1, 10)])
def test_an_observation_that_raises_is_put_back_with_exit_1(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    assert world.occ("update", point) == -9
    activated = operation_of(world.journal, 2).activated
    seen: list[str] = []

    def once(known: Callable[[Step, StepContext], Result | None]) -> Callable[..., Result | None]:
        def observed(step: Step, context: StepContext) -> Result | None:
            seen.append(step.name)
            if len(seen) == 1:
                raise RecursionError("in an inspection: DB_PASSWORD=hunter22")
            return known(step, context)

        return observed

    for known in STEPS.values():
        monkeypatch.setattr(known, "seen", once(known.seen))
    status = world.occ("resume")
    assert seen
    assert "a bug in occ, or an answer that nobody foresaw: RecursionError" in world.said
    (kept,) = world.journal.bugs
    assert "in an inspection: DB_PASSWORD=***" in kept
    monkeypatch.undo()
    if activated:
        assert status == 7
        assert world.occ("resume") == 0, world.said
        assert world.serves() == "2.0"
        return
    assert status == 1
    assert world.said.endswith("; it is as it was found")
    assert operation_of(world.journal, 2).ending == "undone"
    assert world.serves() == "1.0"


def test_a_traceback_has_no_values_of_variables(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = world.engine.start

    def started_with_a_value(container: str) -> None:
        held = "emarf a ni ylno"[::-1]  # so that no line of source holds it
        if held and container:
            raise RecursionError
        start(container)

    monkeypatch.setattr(world.engine, "start", started_with_a_value)
    assert world.occ("update") == 7  # nor can the old one be started
    assert world.journal.bugs
    for kept in world.journal.bugs:
        assert "in started_with_a_value" in kept
        assert "only in a frame" not in kept


@pytest.mark.parametrize("way", ["", "resume", "abort"])
@pytest.mark.parametrize("body", [DEEP, b'{"version":' * 5_000, b"9" * 5_000, b"\xff\xfe"])
def test_a_health_answer_that_no_parser_takes_has_no_version(
    world: MemoryWorld, monkeypatch: pytest.MonkeyPatch, body: bytes, way: str
) -> None:
    if way:
        assert world.occ("update", "engine:7:after") == -9
    probe = world.engine.probe

    def probed(container: str, question: Question) -> Answer | NoAnswer:
        found = probe(container, question)
        return replace(found, body=body) if isinstance(found, Answer) else found

    monkeypatch.setattr(world.engine, "probe", probed)
    assert world.occ(way or "update") == 0, world.said
    seen = world.app.status(NAME)
    version = 1 if way == "abort" else 2
    assert (seen.state, seen.health, seen.version) == ("running", "healthy", version)
    assert (seen.reported, seen.unfinished) == ("", None)
    record = ledger_of(world.journal, NAME).versions[2]
    assert (record.standing, record.reported) == ("unproven" if version == 1 else "proven", "")
    assert world.journal.bugs == []
    if way == "abort":
        assert world.occ("update") == 0, world.said
    monkeypatch.undo()
    assert world.serves() == "2.0"


def test_a_traceback_is_kept_without_secrets_and_names_its_operation(
    world: MemoryWorld, tmp_path: Path
) -> None:
    desk = replace(world.desk(), open_journal=lambda _: open_journal(str(tmp_path / "j.db")))
    operation = operation_of(world.journal, 1)
    try:
        json.loads("{")
    except ValueError as error:
        error.add_note("the value was correct-horse")
        kept = Path(kept_bug(desk, operation, error, ["correct-horse"]))
    text = kept.read_text()
    assert kept == tmp_path / "j.db.bugs"
    assert "operation 1 of web" in text.splitlines()[0]
    assert "the value was ***" in text
    assert "correct-horse" not in text


def test_an_exception_that_cannot_tell_itself_keeps_nothing_up(world: MemoryWorld) -> None:
    class OddError(Exception):
        @property
        def __notes__(self) -> list[str]:  # type: ignore[override]
            raise KeyError

    assert kept_bug(world.desk(), operation_of(world.journal, 1), OddError(), ()) == ""


def test_a_long_traceback_keeps_its_end(world: MemoryWorld) -> None:
    error = ValueError("a " * 100_000 + "the end")
    kept_bug(world.desk(), operation_of(world.journal, 1), error, ())
    (kept,) = world.journal.bugs
    assert len(kept) < 40_000
    assert kept.endswith("the end\n\n")


def told_badly(world: MemoryWorld, callback: str, verb: str = "update") -> Outcome:
    """The outcome of a command one of whose callbacks raises, each time that it is called."""

    def fail(*_: object) -> bool:
        raise RecursionError("while telling: DB_PASSWORD=hunter22")

    people = replace(YES, **{callback: fail})  # type: ignore[arg-type]
    outcome = do(App(world.desk()), verb, NAME, Options(resume_first=True), people)
    assert isinstance(outcome, Outcome)
    return outcome


@pytest.mark.parametrize("callback", ["listen", "progress", "stop_requested"])
def test_a_callback_that_raises_ends_no_operation_in_its_middle(
    world: MemoryWorld, callback: str
) -> None:
    outcome = told_badly(world, callback)
    assert outcome.operation is not None
    assert outcome.operation.ending == "done"
    assert world.serves() == "2.0"
    assert "telling how it goes failed: RecursionError" in outcome.warnings
    (kept,) = world.journal.bugs  # the first time only
    assert "while telling: DB_PASSWORD=***" in kept


def test_a_callback_that_raises_keeps_nobody_from_going_on_or_back(world: MemoryWorld) -> None:
    for verb, serves in (("abort", "1.0"), ("resume", "2.0")):
        assert world.occ("update", "engine:7:after") == -9
        assert told_badly(world, "listen", verb).operation is not None
        assert world.serves() == serves


def test_a_second_ctrl_c_goes_through_the_callbacks(world: MemoryWorld) -> None:
    def end(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        do(App(world.desk()), "update", NAME, Options(), replace(YES, listen=end))
    assert world.occ("resume") == 0
    assert world.serves() == "2.0"
