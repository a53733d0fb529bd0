"""How an app is put together for a test: the only module here that reaches into occ."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from occ.app.app import App
from occ.app.desk import Desk
from occ.domain.values import Actor
from occ.journal.sqlite.store import SqlJournal
from occ.settings import Service, load
from tests.clock import FakeClock
from tests.doubles.journal import MemoryJournal

JOURNAL = "0123456789abcdef0123456789abcdef"
ACTOR = Actor(
    operator="ann", via="ssh 192.0.2.7", machine="ship", pid=4711, argv=("occ", "campaign")
)
CONFIG, STORED = Path("config.toml"), "journal.db"


def app_at(engine: Any, journal: Any, clock: FakeClock, environ: Mapping[str, str]) -> App:
    """The app as a new process has it.

    Every path is a relative one, so that none that is written down says where the test was run.
    """
    environ = {"HOME": "/home/ann", "OCC_CONFIG": str(CONFIG), "OCC_JOURNAL": STORED, **environ}
    read = load(environ)
    services = {name: _near(service) for name, service in read.services.items()}
    settings = replace(read, path=CONFIG, journal=STORED, data=Path("data"), services=services)
    desk = Desk(
        settings=settings,
        environ=environ,
        argv=ACTOR.argv,
        clock=clock,
        open_journal=lambda _: journal,
        open_engine=lambda: engine,
        identify=lambda _environ, _argv: ACTOR,
    )
    return App(desk)


def memory_journal() -> MemoryJournal:
    """A new journal in memory, of an identity that is always the same."""
    journal = MemoryJournal()
    journal.id = JOURNAL
    return journal


def stored_journal() -> SqlJournal:
    """The journal in the folder; one that does not exist yet will have the same identity."""
    journal = SqlJournal(Path(STORED))
    if not Path(STORED).exists():
        journal._id = JOURNAL
    return journal


def _near(service: Service) -> Service:
    """A service whose files are named as seen from the folder of its config."""
    file, build = service.secrets_file, service.build
    return replace(
        service,
        secrets_file=file and Path(file.name),
        build=build and replace(build, context=Path(build.context).name),
    )
