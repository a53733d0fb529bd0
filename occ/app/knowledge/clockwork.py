"""When the timer of this config last ran, and when it should have.

A run with nothing due writes nothing to the journal, so a file of its own tells: it says the same
for systemd, cron and launchd, and it can be read by somebody whom systemd would not answer.
"""

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from occ import own_files
from occ.app.desk import Desk
from occ.domain.total import whole_number
from occ.settings.folders import folder

EVERY_MS: Final = 600_000
_LATE_MS: Final = 3 * EVERY_MS
_MOST_MS: Final = 1 << 60
_FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Clockwork:
    """The timer, as its last run shows it. Times are ms since 1970, 0 for never."""

    ran_at: int
    should_at: int
    """When the next run should have begun, or should begin; 0 where none ever ran."""
    late: bool
    """Whether that is long past, or none ever ran."""


def timer_name(desk: Desk) -> str:
    """The name of this config's timer: a plain one for the config at its usual place."""
    path, usual = desk.settings.path, folder("config", desk.environ)
    if usual is not None and path == usual / "config.toml":
        return "occ_auto"
    return f"occ_auto-{sha256(str(path).encode()).hexdigest()[:8]}"


def note_run(desk: Desk) -> None:
    """Remember that a run took place; where that cannot be written, doctor will call it late."""
    with suppress(OSError), own_files.folder_of(_file(desk), make=_FOLDER_MODE) as (place, name):
        place.write(name, f"{desk.clock.now()}\n".encode(), mode=_FILE_MODE)


def clockwork(desk: Desk) -> Clockwork | None:
    """The timer of this config; None where no service of it updates itself."""
    if not any(service.auto.enabled for service in desk.settings.services.values()):
        return None
    ran = _ran_at(desk)
    should = ran + EVERY_MS if ran else 0
    return Clockwork(ran_at=ran, should_at=should, late=desk.clock.now() > ran + _LATE_MS)


def _ran_at(desk: Desk) -> int:
    try:
        text = _file(desk).read_text("ascii", "replace")
    except OSError:
        return 0
    return whole_number(text.strip(), _MOST_MS) or 0


def _file(desk: Desk) -> Path:
    return desk.settings.data / f"{timer_name(desk)}.ran"
