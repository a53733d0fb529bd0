"""Sending what is due: at least once, each target in order, and every end of a try written down."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
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
    NoticeFailed,
    NoticeGivenUp,
    NoticeRefused,
    Subject,
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
    """Why those that wait were not delivered, or nothing was tried."""


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
    done: list["_About"] = field(default_factory=list)

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
    targets = desk.settings.notify
    if not targets or not desk.journal.head().position:
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
        sent = (lines[name].sent if name in lines else _elsewhere(name) for name in targets)
        return tuple(sent)


def _elsewhere(target: str) -> Sent:
    return Sent(target=target, why="another occ is sending to it")


def _lines(desk: Desk, locks: ExitStack) -> Iterator[_Line]:
    for target in desk.settings.notify.values():
        try:
            locks.enter_context(desk.journal.lock(f"~notify-{target.name}"))
        except BusyError:
            continue
        line = line_of(desk, target)
        _give_up(line)
        yield line


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
    more = line_of(line.desk, line.target)
    line.due = [item for item in more.due if _about(item) not in line.done]
    line.seen, line.passed = more.seen, more.passed


def _message(line: _Line) -> Message:
    item, journal = line.due[0], line.desk.journal.id
    if isinstance(item, Summary):
        return messages.of_summary(item, journal, line.desk.clock.now())
    return messages.of_fact(item, line.desk.operation(item.operation), journal)


def _took(line: _Line, answer: Answer) -> None:
    """Write down how the try of the first message ended."""
    item, name = line.due[0], line.target.name
    about = _about(item)
    if answer.how == "failed":
        line.why = answer.why
        _failed(line, about, answer.why)
        return
    if answer.how == "refused":
        line.refused += 1
        refused = NoticeRefused(
            target=name,
            subject=about.subject,
            operation=about.operation,
            position=about.position,
            why=answer.why,
        )
        reading.note(line.desk, name, refused)
    else:
        line.delivered += 1
        delivered = NoticeDelivered(
            target=name,
            subject=about.subject,
            operation=about.operation,
            position=about.position,
        )
        reading.note(line.desk, name, delivered)
    line.due.pop(0)
    line.done.append(about)


@dataclass(frozen=True, slots=True)
class _About:
    """The thing that a notice speaks of."""

    subject: Subject
    operation: int
    position: int


def _about(item: Fact | Summary) -> _About:
    if isinstance(item, Summary):
        return _About("given_up", item.last, item.position)
    return _About(item.subject, item.operation, item.position)


def _give_up(line: _Line) -> None:
    """Write down which messages are given up, so that nobody reads that far back again."""
    item = line.due[0] if line.due else None
    if isinstance(item, Summary) and item.late:
        notice = NoticeGivenUp(
            target=line.target.name,
            position=item.position,
            count=len(item.late),
            first=item.late[0].operation,
            last=item.late[-1].operation,
        )
        reading.note(line.desk, line.target.name, notice)
        line.due[0] = replace(item, late=())


def _failed(line: _Line, about: _About, why: str) -> None:
    desk, name = line.desk, line.target.name
    tries = _counted(desk.journal, name, f"{about.subject}:{about.position}")
    before = reading.failing(desk.journal, name, about.subject, about.position)
    if outbox.worth_noting(tries, before.at if before else None, desk.clock.now()):
        event = NoticeFailed(
            target=name,
            subject=about.subject,
            operation=about.operation,
            position=about.position,
            tries=tries,
            why=why,
        )
        reading.note(desk, name, event)


def _counted(journal: Journal, target: str, key: str) -> int:
    """Which try of this message it was: a count beside the journal, which may get lost."""
    try:
        known = json.loads(journal.recall(_TRIES) or "{}")
    except ValueError:
        known = {}
    known = known if isinstance(known, dict) else {}
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
