"""The gate: one good look is not enough, and a bad one does not always end it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

import pytest

from occ.domain.events import Entry, OperationPlanned
from occ.domain.operation_fold import begin
from occ.domain.request import Found, Request
from occ.domain.spec import Health
from occ.domain.step_results import Proof
from occ.domain.values import Actor, HealthCheck
from occ.engine.progress import GateProgress, HowFar
from occ.engine.values import Answer, Container, EngineInfo, Image, NoAnswer, Question
from occ.errors import UnhealthyError
from occ.journal.port import Head
from occ.operations.answers import reported_version
from occ.operations.gate import deadline, prove
from occ.operations.step_context import OwnPrograms, StepContext
from tests.clock import FakeClock
from tests.doubles.programs import NOWHERE

if TYPE_CHECKING:
    from occ.engine.port import Engine

WEB = Container(id="c", name="web", image="i", state="running", labels={}, started_at=5)
GATE = Health(
    path="/health",
    port=3000,
    version_field="version",
    interval_ms=1_000,
    min_healthy_ms=5_000,
    timeout_ms=60_000,
)
PLANNED = OperationPlanned(
    kind="update", actor=Actor(operator="ann"), request=Request(), found=Found(), steps=()
)


@dataclass
class Scripted:
    """A container and its answers, as functions of how long it was watched, in ms."""

    clock: FakeClock = field(default_factory=FakeClock)
    state: Callable[[int], Container | None] = lambda _: WEB
    status: Callable[[int], int | None] = lambda _: 200
    reported: str = "2.0"
    lines: tuple[bytes, ...] = (b"last words",)
    secrets: dict[str, str] = field(default_factory=dict)
    image_labels: dict[str, str] = field(default_factory=dict)
    request: Request = field(default_factory=Request)
    before: Container = WEB
    came_up: int = 0
    ahead: int = 0
    asked: list[Question] = field(default_factory=list)
    told: list[GateProgress] = field(default_factory=list)
    refused: bool = False

    def _tell(self, far: HowFar) -> None:
        assert isinstance(far, GateProgress)
        self.told.append(far)

    @property
    def watched(self) -> int:
        return self.clock.at - 1_000

    @property
    def _planned(self) -> OperationPlanned:
        return replace(PLANNED, request=self.request)

    def started_at(self) -> int:
        return self.came_up

    def info(self) -> EngineInfo:
        now = self.clock.now() + self.ahead
        return EngineInfo(id="e", root="/", address="", version="", api="", local=True, now=now)

    def inspect(self, _container: str) -> Container | None:
        return self.state(self.watched)

    def image(self, _reference: str) -> Image | None:
        return Image(id="i", labels=self.image_labels)

    def logs(self, _container: str, *, tail: int) -> list[bytes]:
        return list(self.lines[-tail:])

    def probe(self, _container: str, question: Question) -> Answer | NoAnswer:
        self.asked.append(question)
        status = self.status(self.watched)
        body = json.dumps({"version": self.reported}).encode()
        return (
            Answer(status=status, body=body, route="published")
            if status
            else NoAnswer(refused=self.refused)
        )

    def judge(self, health: Health = GATE, deadline_ms: int = 60_000) -> Proof:
        """Watch the container; a Proof, or UnhealthyError."""
        entry = Entry(
            position=1,
            operation=1,
            seq=0,
            at=1,
            service="web",
            operator="ann",
            hash="",
            event=self._planned,
        )
        context = StepContext(
            engine=cast("Engine", self),
            clock=self.clock,
            operation=begin(entry, self._planned),
            versions={},
            journal="j",
            owner="o",
            head=lambda: Head(0, ""),
            secrets=self.secrets,
            progress=self._tell,
            programs=OwnPrograms(port=NOWHERE),
        )
        return prove(context, self.before, health, deadline_ms)


def test_it_is_watched_for_as_long_as_it_must_be_healthy() -> None:
    scripted = Scripted()
    assert scripted.judge().reported == "2.0"
    assert 5_000 <= scripted.watched < 7_000


def test_it_is_told_each_second_why_it_is_not_good_and_then_how_long_it_has_been() -> None:
    scripted = Scripted(status=lambda ms: 200 if ms > 4_000 else None, refused=True)
    scripted.judge(replace(GATE, interval_ms=3_000))
    told = [(one.said, one.for_ms // 1_000, one.of_ms // 1_000) for one in scripted.told]
    assert told == [
        *[("connection refused", seconds, 0) for seconds in (0, 0, 0, 1, 2, 3, 4, 5)],
        *[("answers", seconds, 5) for seconds in (0, 1, 2, 3, 4)],
    ]


def test_a_refused_connection_is_told_apart_from_another_silence() -> None:
    scripted = Scripted(status=lambda ms: 200 if ms > 100 else None)
    scripted.judge()
    assert scripted.told[0].said == "nothing answers on port 3000/health"


def test_where_nothing_is_asked_it_is_told_that_it_runs() -> None:
    scripted = Scripted()
    scripted.judge(replace(GATE, path=""))
    assert {one.said for one in scripted.told} == {"runs"}


def test_the_first_probe_comes_after_100_ms_and_the_pauses_double_up_to_the_interval() -> None:
    asked: list[int] = []
    scripted = Scripted()
    began = scripted.clock.at

    def status(_watched: int) -> int | None:
        asked.append(scripted.clock.at - began)
        return None if len(asked) < 7 else 200

    scripted.status = status
    scripted.judge()
    assert asked[:7] == [100, 300, 700, 1_500, 2_500, 3_500, 4_500]


def test_a_good_answer_before_a_crash_is_no_success() -> None:
    gone = replace(WEB, state="exited", exit_code=1)
    scripted = Scripted(state=lambda ms: WEB if ms < 3_000 else gone)
    with pytest.raises(UnhealthyError, match="exit code 1") as told:
        scripted.judge()
    assert told.value.log_tail == ("last words",)


@pytest.mark.parametrize("after", range(4_040, 4_066))
def test_a_secret_is_taken_out_of_the_last_words_wherever_these_are_cut(after: int) -> None:
    gone = replace(WEB, state="exited", exit_code=1)
    line = b"key hunter22-and-more " + b"." * after
    scripted = Scripted(
        state=lambda _: gone,
        lines=(line, b"postgres://web:elsewhere@db/web"),
        secrets={"KEY": "hunter22-and-more"},
    )
    with pytest.raises(UnhealthyError) as told:
        scripted.judge()
    tail = "\n".join(told.value.log_tail)
    assert "elsewhere" not in tail
    assert "more" not in tail
    assert tail.endswith("postgres://web:***@db/web")
    assert len(tail) <= 4_096


def test_last_words_of_any_characters_are_cut_to_what_they_take_in_the_journal() -> None:
    gone = replace(WEB, state="exited", exit_code=1, error="\x07" * 9_000)
    lines = (b"first", *(b"\x1b[2J\x1b[H\x00\xff" * 9 for _ in range(80)), b"", b"last")
    with pytest.raises(UnhealthyError) as told:
        Scripted(state=lambda _: gone, lines=lines).judge()
    tail = told.value.log_tail
    assert tail[-2:] == ("", "last")
    assert tail[-3] == "\x1b[2J\x1b[H\\x00\\xff" * 9
    assert 4_000 < len(json.dumps(tail, ensure_ascii=False).encode()) <= 4_200
    assert len(json.dumps(told.value.message).encode()) < 2_200


@pytest.mark.parametrize(
    "again", [replace(WEB, restarts=1, started_at=9), replace(WEB, started_at=9)]
)
def test_one_that_restarts_while_it_is_watched_is_no_success(again: Container) -> None:
    scripted = Scripted(state=lambda ms: WEB if ms < 2_000 else again)
    with pytest.raises(UnhealthyError, match=r"restarted 1 times|started anew"):
        scripted.judge()


def restarted(times: int) -> Scripted:
    """One that restarts after two good seconds, and takes two more until it answers."""
    again = replace(WEB, restarts=times, started_at=9)
    return Scripted(
        state=lambda ms: WEB if ms < 2_000 else again,
        status=lambda ms: None if 2_000 < ms < 4_000 else 200,
    )


def test_as_many_restarts_as_are_allowed_are_none_too_many() -> None:
    """It must still be good for the whole window after the last of them."""
    gate, fine = replace(GATE, restarts_allowed=2), restarted(2)
    fine.judge(gate)
    assert fine.watched >= 4_000 + 5_000
    with pytest.raises(UnhealthyError, match="restarted 3 times"):
        restarted(3).judge(gate)


def test_it_serves_from_its_first_good_answer_whenever_its_own_check_says_so() -> None:
    """Docker's HEALTHCHECK says nothing for 30 s; the outage ended when a probe was answered."""
    starting, fine = replace(WEB, health="starting"), replace(WEB, health="healthy")
    scripted = Scripted(
        state=lambda ms: starting if ms < 30_000 else fine,
        status=lambda ms: None if ms < 2_000 else 200,
    )
    began = scripted.clock.now()
    assert 2_000 <= scripted.judge().first_good_at - began < 5_000
    assert scripted.watched >= 30_000 + 5_000
    unasked = Scripted(state=lambda ms: starting if ms < 30_000 else fine)
    began = unasked.clock.now()
    assert unasked.judge(replace(GATE, path="")).first_good_at - began >= 30_000


def test_an_unhealthy_that_recovers_before_the_deadline_is_waited_for() -> None:
    """A HEALTHCHECK without a start period says so during every slow start."""
    sick, fine = replace(WEB, health="unhealthy"), replace(WEB, health="healthy")
    scripted = Scripted(state=lambda ms: sick if ms < 30_000 else fine)
    scripted.judge()
    assert scripted.watched >= 30_000 + 5_000
    with pytest.raises(UnhealthyError, match="its own HEALTHCHECK says unhealthy"):
        Scripted(state=lambda _: sick).judge(deadline_ms=10_000)


def test_restarting_is_not_running() -> None:
    scripted = Scripted(state=lambda _: replace(WEB, state="restarting"))
    with pytest.raises(UnhealthyError, match="it is restarting"):
        scripted.judge()


def test_a_slow_start_has_until_the_deadline_and_the_window_begins_anew() -> None:
    scripted = Scripted(status=lambda ms: None if ms < 20_000 or 22_000 < ms < 24_000 else 200)
    scripted.judge()
    assert scripted.watched >= 24_000 + 5_000


def test_the_deadline_ends_it() -> None:
    with pytest.raises(UnhealthyError, match="nothing answers on port 3000/health"):
        Scripted(status=lambda _: None).judge(deadline_ms=10_000)


def test_the_images_own_check_makes_the_deadline_longer_and_never_shorter() -> None:
    slow = HealthCheck(start_period_ms=300_000, interval_ms=30_000, timeout_ms=10_000, retries=3)
    assert deadline(GATE, None) == 60_000
    assert deadline(GATE, slow) == 300_000 + 4 * 40_000
    assert deadline(GATE, HealthCheck(interval_ms=100, timeout_ms=100, retries=1)) == 60_000
    years = replace(slow, start_period_ms=1 << 40)
    assert deadline(GATE, years) == 3_600_000
    assert deadline(replace(GATE, timeout_ms=7_200_000), years) == 7_200_000


def test_without_any_check_it_must_still_stay_alive() -> None:
    gone = replace(WEB, state="exited", exit_code=0)
    scripted = Scripted(state=lambda ms: WEB if ms < 4_000 else gone)
    with pytest.raises(UnhealthyError, match="exit code 0"):
        scripted.judge(replace(GATE, path=""))


def test_an_answer_of_another_version_than_the_image_says_is_not_from_it() -> None:
    """A page from a cache, or from the old container, passes no gate that knows the version."""
    gate = replace(GATE, version_label="version")
    with pytest.raises(UnhealthyError, match=r"reports version 1\.0, its label version says 2\.0"):
        Scripted(reported="1.0", image_labels={"version": "2.0"}).judge(gate, 5_000)
    assert Scripted(image_labels={"version": "v2.0"}).judge(gate).reported == "2.0"


@pytest.mark.parametrize("jump", [-365 * 24 * 3_600_000, 365 * 24 * 3_600_000])
def test_a_wall_clock_that_is_set_meanwhile_changes_nothing(jump: int) -> None:
    scripted = Scripted()

    def status(watched: int) -> int | None:
        scripted.clock.wall += jump if watched > 2_000 else 0
        return 200 if watched > 10_000 else None

    scripted.status = status
    scripted.judge()
    assert 15_000 <= scripted.watched < 25_000


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"app": {"version": "2.0"}}', "2.0"),
        (b'{"app.version": "2.0", "app": {"version": "1.0"}}', "2.0"),
        (b'{"app": {"version": 7}}', "7"),
        (b'{"app": {"version": "2\\u00000"}}', "2\\x000"),
        (b'{"app": "2.0"}', ""),
        (b'{"app": {}}', ""),
        (b'{"app": {"version": "' + b"2" * 101 + b'"}}', "2" * 100),
        (b'{"app": {"version": {"major": 2}}}', ""),
        (b'["app", "version"]', ""),
        (b"2.0", ""),
        (b"<html>", ""),
        (b"\xff", ""),
    ],
)
def test_dots_in_the_name_of_a_field_lead_inwards(body: bytes, said: str) -> None:
    answer = Answer(status=200, body=body, route="published")
    assert reported_version(answer, replace(GATE, version_field="app.version")) == said
