"""Telling without the journal: tests, the heartbeat, and an end of auto that it cannot record."""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from occ import own_files
from occ.app.desk import Desk
from occ.app.outbox.deliver import AFTER_A_COMMAND_MS, Sent
from occ.app.outbox.sending import Sending
from occ.app.outbox.targets import sender_or_why, values_of
from occ.domain.messages import Message
from occ.domain.outbox import DAY_MS
from occ.domain.secrets.places import filled, placed_in
from occ.notify.port import DELIVERED, Answer, Sender
from occ.settings.model import NotifyTarget

_BEAT_MS: Final = 5_000
_TEST_MS: Final = 30_000
_TOLD: Final = "told.json"


def test(desk: Desk, targets: tuple[NotifyTarget, ...]) -> tuple[Sent, ...]:
    """Send each target a message that says it is a test; nothing is written down."""
    now, machine = desk.clock.now(), desk.actor.machine
    message = Message(
        id=f"test:{now}",
        event="test",
        title="occ: a test",
        text=f"This target is reached from {machine or 'this machine'}.",
        at=now,
        machine=machine,
    )
    return _sent(desk, targets, message, _TEST_MS)


def auto_ended(desk: Desk, code: str) -> tuple[Sent, ...]:
    """Tell every target that auto ended with an error, by its code; once a day and code.

    It needs no journal: when that cannot be used, this is the way to be heard all the same.
    """
    now, machine = desk.clock.now(), desk.actor.machine
    if not desk.settings.notify or _told_within_a_day(desk.settings.data / _TOLD, code, now):
        return ()
    message = Message(
        id=f"auto_ended:{machine}:{code}:{now // DAY_MS}",
        event="auto_ended",
        title="occ auto cannot run",
        text=f"On {machine or 'this machine'} it ended with the error {code}. Look: occ doctor",
        at=now,
        machine=machine,
        failure=code,
    )
    return _sent(desk, tuple(desk.settings.notify.values()), message, AFTER_A_COMMAND_MS)


def beat(desk: Desk) -> Answer:
    """Ask for the heartbeat's address, after a good run of auto; fine where the config has none.

    Raises:
        SecretMissingError: a secret in it has no value.
    """
    address = desk.settings.heartbeat
    if not address:
        return DELIVERED
    from occ.notify.web import asked  # noqa: PLC0415 - for this alone

    url = filled(address, values_of(desk, tuple(sorted(placed_in(address)))))
    return asked("GET", url, b"", {}, _BEAT_MS)


def _sent(
    desk: Desk, targets: tuple[NotifyTarget, ...], message: Message, within_ms: int
) -> tuple[Sent, ...]:
    sending = Sending(within_ms)
    for target in targets:
        sending.try_once(target.name, _way(desk, target), message, target.timeout_ms)
    answers: dict[str, Answer] = {}
    while len(answers) < len(targets):
        tried = sending.answer()
        if tried is None:
            break
        answers[tried.target] = tried.answer
    late = Answer("failed", "there was no answer in time")
    return tuple(_row(target.name, answers.get(target.name, late)) for target in targets)


def _way(desk: Desk, target: NotifyTarget) -> Callable[[], Sender]:
    return lambda: sender_or_why(desk, target)


def _row(name: str, answer: Answer) -> Sent:
    return Sent(
        target=name,
        delivered=int(answer.how == "delivered"),
        refused=int(answer.how == "refused"),
        waiting=int(answer.how == "failed"),
        why=answer.why,
    )


def _told_within_a_day(file: Path, code: str, now: int) -> bool:
    """Whether this was told within a day; remembered from now on. Without a file nobody knows."""
    known: dict[str, int] = {}
    with suppress(OSError, ValueError):
        read = json.loads(file.read_text("utf-8"))
        known = {k: v for k, v in read.items() if isinstance(v, int)}
    if 0 <= now - known.get(code, 0) < DAY_MS:
        return True
    with suppress(OSError), own_files.folder_of(file, make=0o700) as (folder, name):
        folder.write(name, json.dumps({**known, code: now}).encode())
    return False
