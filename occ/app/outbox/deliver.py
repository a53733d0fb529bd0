"""Sending what is due: at least once, each target in order, and every end of a try written down."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property

from occ.app.desk import Desk
from occ.app.outbox import reading
from occ.app.outbox.sending import Sending
from occ.app.outbox.targets import sender_or_why
from occ.domain import messages, outbox
from occ.domain.messages import Message
from occ.domain.notices import (
    NoticeBegun,
    NoticeDelivered,
    NoticeEvent,
    NoticeFailed,
    NoticeGivenUp,
    NoticeRefused,
)
from occ.domain.outbox import Fact, Summary
from occ.errors import BusyError
from occ.journal.port import Journal
from occ.notify.port import Answer, Sender
from occ.settings.model import NotifyTarget

AFTER_A_COMMAND_MS = 3_000
"""For so long a command tries, all targets together, after its result is told."""
ON_ITS_OWN_MS = 300_000
"""For so long `occ notify retry` and a run of auto try."""
_MANY = 500
"""Ends that a target does not want, after which its beginning moves on."""
_TRIES = "tries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """How it went with one target."""

    target: str
    delivered: int = 0
    refused: int = 0
    waiting: int = 0
    why: str = ""
    """Why those that wait were not delivered, or the last one was refused."""


@dataclass(slots=False, kw_only=True)
class _Line:
    """One target, and the messages that wait for it."""

    desk: Desk
    target: NotifyTarget
    due: list[Fact | Summary]
    seen: int
    """The last position that was looked at."""
    passed: int
    """How many ends it did not want since its cursor."""
    delivered: int = 0
    refused: int = 0
    why: str = ""
    done: list[Fact] = field(default_factory=list)

    @cached_property
    def sender(self) -> Sender:
        """The way to it; secrets are looked up at the first try."""
        return sender_or_why(self.desk, self.target)

    @property
    def sent(self) -> Sent:
        """How it went."""
        return Sent(
            target=self.target.name,
            delivered=self.delivered,
            refused=self.refused,
            waiting=len(self.due),
            why=self.why,
        )


def deliver(desk: Desk, within_ms: int, each_ms: int | None = None) -> tuple[Sent, ...]:
    """Send what is due to every target, for at most so long; the rest waits for the next time.

    `each_ms` bounds one try; None is the time that the target's config says. No lock of a service
    is held. A target that another occ is sending to is left to that one.

    Raises:
        JournalError: the journal cannot be read or written.
    """
    if not desk.settings.notify or not desk.journal.head().position:
        return ()
    reading.begin(desk)
    sending = Sending(within_ms)
    with ExitStack() as locks:
        lines = {line.target.name: line for line in _lines(desk, locks)}
        for line in lines.values():
            _next(line, sending, each_ms)
        while any(line.due and not line.why for line in lines.values()):
            tried = sending.answer()
            if tried is None:
                break
            _took(lines[tried.target], tried.answer)
            if tried.answer.how != "failed":
                _next(lines[tried.target], sending, each_ms)
        for line in lines.values():
            if line.due and not line.why:
                _took(line, Answer("failed", "there was no answer in time"))
            _move_on(line)
        return tuple(line.sent for line in lines.values())


def _lines(desk: Desk, locks: ExitStack) -> Iterator[_Line]:
    for target in desk.settings.notify.values():
        try:
            locks.enter_context(desk.journal.lock(f"~notify-{target.name}"))
        except BusyError:
            continue
        yield line_of(desk, target)


def line_of(desk: Desk, target: NotifyTarget) -> _Line:
    """A target with all that waits for it."""
    needs = reading.in_need(desk)
    so_far = reading.cursor_of(desk.journal, target.name, needs)
    head = desk.journal.head().position
    ends = () if so_far.after is None else tuple(reading.ends(desk, so_far.after))
    due = outbox.due((*ends, *needs), so_far, target.events, desk.clock.now())
    passed = sum(end.happening not in target.events for end in ends)
    return _Line(desk=desk, target=target, due=[*due], seen=head, passed=passed)


def _next(line: _Line, sending: Sending, each_ms: int | None) -> None:
    """Begin the next try; when all is sent, look once more for what came meanwhile."""
    if not line.due:
        _look_again(line)
    if line.due and sending.left_ms:
        most = each_ms or line.target.timeout_ms
        sending.try_once(line.target.name, lambda: line.sender, _message(line), most)


def _look_again(line: _Line) -> None:
    known = {(fact.subject, fact.position) for fact in line.done}
    more = line_of(line.desk, line.target)
    line.due = [
        item
        for item in more.due
        if isinstance(item, Summary) or (item.subject, item.position) not in known
    ]
    line.seen, line.passed = more.seen, more.passed


def _message(line: _Line) -> Message:
    item, journal = line.due[0], line.desk.journal.id
    if isinstance(item, Summary):
        return messages.of_summary(item, journal, line.desk.clock.now())
    return messages.of_fact(item, line.desk.operation(item.operation), journal)


def _took(line: _Line, answer: Answer) -> None:
    """Write down how the try of the first message ended."""
    item, name = line.due[0], line.target.name
    last = item.facts[-1] if isinstance(item, Summary) else item
    if answer.how == "failed":
        line.why = answer.why
        _failed(line, last, answer.why)
        return
    if answer.how == "refused":
        line.refused += 1
    else:
        line.delivered += 1
    reading.note(line.desk, name, _ended(name, item, last, answer))
    line.due.pop(0)
    line.done.append(last)


def _ended(target: str, item: Fact | Summary, last: Fact, answer: Answer) -> NoticeEvent:
    """The notice of a message that is done with."""
    if answer.how == "refused":
        return NoticeRefused(
            target=target,
            subject=last.subject,
            operation=last.operation,
            position=last.position,
            why=answer.why,
        )
    if isinstance(item, Summary):
        return NoticeGivenUp(
            target=target,
            position=last.position,
            count=len(item.facts),
            first=item.facts[0].operation,
            last=last.operation,
        )
    return NoticeDelivered(
        target=target, subject=last.subject, operation=last.operation, position=last.position
    )


def _failed(line: _Line, fact: Fact, why: str) -> None:
    desk, name = line.desk, line.target.name
    tries = _counted(desk.journal, name, fact)
    before = reading.failing(desk.journal, name, fact)
    if outbox.worth_noting(tries, before.at if before else None, desk.clock.now()):
        event = NoticeFailed(
            target=name,
            subject=fact.subject,
            operation=fact.operation,
            position=fact.position,
            tries=tries,
            why=why,
        )
        reading.note(desk, name, event)


def _counted(journal: Journal, target: str, fact: Fact) -> int:
    """Which try of this message it was: a count beside the journal, which may get lost."""
    try:
        known = json.loads(journal.recall(_TRIES) or "{}")
    except ValueError:
        known = {}
    known = known if isinstance(known, dict) else {}
    key = f"{fact.subject}:{fact.position}"
    before = known.get(target)
    count = before.get(key) if isinstance(before, dict) else None
    tries = count + 1 if isinstance(count, int) and count > 0 else 1
    journal.remember(_TRIES, json.dumps({**known, target: {key: tries}}))
    return tries


def _move_on(line: _Line) -> None:
    """Begin a target anew where it wanted many ends in a row not, so that none reads them again."""
    if not line.due and line.passed >= _MANY:
        name = line.target.name
        reading.note(line.desk, name, NoticeBegun(target=name, position=line.seen))
