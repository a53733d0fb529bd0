"""The steps of an operation: a line each, or all that the journal has of them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from occ.cli.terminal import fitting
from occ.cli.terminal.tables import Column, Headers, table
from occ.cli.terminal.words import duration, moment, short, terminal_safe
from occ.domain.operation import Operation, StepState
from occ.domain.step_events import Failure
from occ.domain.values import Json

_TURNED: Final = ("reverting", "reverted")
_ID: Final = re.compile(r"(sha256:)?[0-9a-f]{64}")
_HANG: Final = 11
_HEADERS: Final[Headers] = (
    "step",
    Column(name="", least=24),
    Column(name="ended", stays=True),
    Column(name="took", stays=True),
    "undoing",
    Column(name="says", least=16, below=True),
)
_ENDED: Final = {"reverted": "undone", "reverting": "undoing"}


def in_short(operation: Operation) -> str:
    """A table of the steps that people know, and of every other one that failed."""
    rows = [
        [
            number,
            step.plan.title or step.plan.name,
            _ended(step, ended=operation.ending is not None),
            _took(step.started_at, step.ended_at),
            _took(step.undo_started_at, step.undo_ended_at),
            _says(step) or "-",
        ]
        for number, step in enumerate(operation.steps, 1)
        if _told(step)
    ]
    return table(_HEADERS, rows)


def in_full(operation: Operation) -> Iterator[str]:
    """Every step with its times, inputs, results and failures."""
    room = fitting.room()
    for number, step in enumerate(operation.steps, 1):
        if number > 1:
            yield ""
        for line in _step(number, step, ended=operation.ending is not None):
            yield fitting.wrapped(line, room, hang=_HANG)


def _told(step: StepState) -> bool:
    begun = step.state != "waiting"
    known = bool(step.plan.title) and (begun or not step.plan.back)
    return known or step.failure is not None or step.stuck is not None


def _ended(step: StepState, *, ended: bool) -> str:
    if step.state == "waiting":
        return "never begun" if ended else "-"
    if step.stuck is not None and step.state == "stuck":
        return "stuck"
    if step.failure is not None and step.state in {"failed", *_TURNED}:
        return "failed"
    if step.state == "done":
        return "found done" if step.seen else "done"
    return _ENDED.get(step.state, step.state)


def _took(begun: int, ended: int) -> str:
    return duration(max(0, ended - begun)) if begun and ended else "-"


def _says(step: StepState) -> str:
    if step.stuck is not None:
        return step.stuck.message
    if step.failure is not None:
        return step.failure.message
    said = [str(result["said"]) for result in (step.result, step.undo_result) if result.get("said")]
    return "; ".join([*said, *_attempts(step)])


def _step(number: int, step: StepState, *, ended: bool) -> Iterator[str]:
    title = f" ({terminal_safe(step.plan.title)})" if step.plan.title else ""
    took = [_took(step.started_at, step.ended_at)] if step.ended_at else []
    seen = ["found done"] if step.seen else []
    undone = (
        [f"undone in {_took(step.undo_started_at, step.undo_ended_at)}"]
        if step.undo_ended_at
        else []
    )
    told = ", ".join([_state(step, ended=ended), *seen, *_attempts(step), *took, *undone])
    yield f"{number}. {step.plan.name}{title}: {told}"
    for what, begun, until in (
        ("began", step.started_at, step.ended_at),
        ("undoing", step.undo_started_at, step.undo_ended_at),
    ):
        if begun:
            end = f", ended {moment(until, exact=True)}" if until else ""
            yield f"   {what:<7} {moment(begun, exact=True)}{end}"
    yield from _lines("input", step.plan.inputs)
    yield from _lines("result", step.result)
    yield from _lines("undone", step.undo_result)
    yield from _failed("error", step.failure)
    yield from _failed("stuck", step.stuck)


def _failed(what: str, failure: Failure | None) -> Iterator[str]:
    if failure is None:
        return
    yield f"   {what:<7} {terminal_safe(failure.message)} [{failure.code}]"
    if failure.hint:
        yield f"   try     {failure.hint}"
    for line in failure.log_tail:
        yield f"   |  {terminal_safe(line)}"


def _state(step: StepState, *, ended: bool) -> str:
    if step.state == "waiting" and step.plan.back:
        return "for the way back"
    if step.state == "waiting" and ended:
        return "never begun"
    return f"failed, {step.state}" if step.failure and step.state in _TURNED else step.state


def _attempts(step: StepState) -> list[str]:
    """How often the step was tried, where it was more than once each way."""
    usual = 2 if step.state in _TURNED or step.state == "stuck" else 1
    return [f"{step.attempts} attempts"] if step.attempts > usual else []


def _lines(what: str, values: Mapping[str, Json]) -> Iterator[str]:
    for name, value in values.items():
        if value not in ("", None, [], {}, False):
            yield f"   {what:<7} {name.removesuffix('_ms')} = {_value(name, value)}"


def _value(name: str, value: Json) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        if name.endswith("_at"):
            return moment(value, exact=True)
        return duration(value) if name.endswith("_ms") else str(value)
    if isinstance(value, str):
        return short(value) if _ID.fullmatch(value) else terminal_safe(value)
    return terminal_safe(json.dumps(value, ensure_ascii=False))
