"""Operations as tests tell them: real events, folded by the real fold."""

from dataclasses import replace
from typing import Any

from occ.domain import history
from occ.domain.events import (
    Event,
    OperationDone,
    OperationExtended,
    OperationPlanned,
    OperationReverting,
    OperationUndone,
    VersionActivated,
)
from occ.domain.operation import Operation, StepState
from occ.domain.operation_fold import apply_event
from occ.domain.request import Found, Request, StepPlan
from occ.domain.step_events import (
    StepDone,
    StepFailed,
    StepReverted,
    StepReverting,
    StepStarted,
    StepStuck,
)
from occ.domain.values import Actor

NOON = 1_795_435_200_000  # 2026-11-23 12:00 UTC
ANN = Actor(operator="ann", via="sudo", machine="host1", pid=7, argv=("occ", "update"))
TITLES = (
    "Back up current image",
    "Pull example.test/web:latest",
    "Create the replacement",
    "Stop the old version",
    "Start the replacement",
    "Recreate users",
    "Prove it healthy",
)
NAMES = (
    "keep_image",
    "pull_image",
    "create_container",
    "stop_container",
    "start_container",
    "recreate_users",
    "prove_health",
)
TAIL = ("listening on 3000", "\x1b[31mpanic: no such table\x1b[0m")


INPUTS: dict[str, dict[str, Any]] = {"stop_container": {"container": "c1" * 32, "grace_ms": 10_000}}


def plans() -> tuple[StepPlan, ...]:
    return tuple(
        StepPlan(
            name=name,
            title=title,
            inputs=INPUTS.get(name, {}),
            disrupts=name == "stop_container",
        )
        for name, title in zip(NAMES, TITLES, strict=True)
    )


def planned(**more: Any) -> OperationPlanned:
    values: dict[str, Any] = {
        "kind": "update",
        "actor": ANN,
        "request": Request(),
        "found": Found(container="c1", version=1, state="running", healthy=True),
        "steps": plans()[:2],
        "reason": "security fix",
        "current": 1,
        "stages": 2,
        "shown": 7,
        **more,
    }
    return OperationPlanned(**values)


def begun(event: OperationPlanned, number: int = 3) -> Operation:
    return Operation(
        number=number,
        service="web",
        planned=event,
        at=NOON,
        steps=tuple(StepState(plan=plan) for plan in event.steps),
        commits_at=event.commits_at,
        version=event.version,
        next_seq=1,
        driver=event.actor,
    )


SAID = (
    "occ.local/1234abcd/web:v1",
    "0123456789ab",
    "web.occ-next (fedcba987654)",
    "exit code 0",
    "web.occ-next",
    "ann",
    "reports version 2.0",
)


def good_story() -> list[Event]:
    """An update that goes well."""
    silent = StepPlan(name="set_policy", inputs={"policy": "always"})
    story: list[Event] = [
        StepStarted(0),
        StepDone(0, {"said": SAID[0]}),
        StepStarted(1),
        StepDone(1, {"said": SAID[1]}),
        OperationExtended(steps=(*plans()[2:], silent), version=2, commits_at=7),
    ]
    results: dict[int, dict[str, Any]] = {
        3: {"finished_at": NOON + 1_000},
        5: {"warning": "the password of ann must be set: docker exec -it web passwd ann"},
        6: {"first_good_at": NOON + 1_800, "healthy": True},
    }
    for index in range(2, 7):
        story += [
            StepStarted(index),
            StepDone(index, {"said": SAID[index], **results.get(index, {})}),
        ]
    story += [VersionActivated(2, 1, "update"), StepStarted(7), StepDone(7, {"said": "always"})]
    return [*story, OperationDone()]


def bad_story() -> list[Event]:
    """An update that fails its gate and is put back."""
    failed = StepFailed(
        index=6, code="unhealthy", message="web.occ-next is not healthy: exit code 1", log_tail=TAIL
    )
    story = [*good_story()[:14], failed, OperationReverting(cause="failure")]
    undo: list[Event] = [StepReverting(6, 2), StepReverted(6), StepReverting(4, 2)]
    undo += [StepReverted(4, {"said": "stopped"}), StepReverting(3, 2)]
    undo += [StepReverted(3, {"said": "healthy again", "first_good_at": NOON + 4_000})]
    undo += [StepReverting(2, 2), StepReverted(2, {"said": "removed"})]
    return [*story, *undo, OperationUndone()]


def stuck_story() -> list[Event]:
    """An update whose undoing fails."""
    return [
        *bad_story()[:19],
        StepReverting(3, 2),
        StepStuck(index=3, code="unhealthy", message="it is not what it was"),
    ]


def told(story: list[Event], event: OperationPlanned | None = None) -> Operation:
    """The operation after a story, 100 ms between its events."""
    operation = begun(event or planned())
    for n, happened in enumerate(story, 1):
        operation = apply_event(operation, happened, NOON + n * 100)
    return operation


def history_rows() -> tuple[history.Row, ...]:
    """Three operations; in one of them a person had something to say."""
    rollback = told(good_story(), planned(kind="rollback", current=2, reason=""))
    undone = told(bad_story(), planned(reason="try\tit\x1b[2J"))
    start = replace(told([StepStarted(0)]), planned=planned(kind="start", current=0, reason=""))
    return (
        history.row(replace(rollback, number=5, version=1)),
        history.row(replace(undone, number=4)),
        history.row(start),
    )
