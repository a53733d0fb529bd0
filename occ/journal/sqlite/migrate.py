"""Making a journal, and bringing the schema of an older one to the newest.

Alembic is imported only when the stored revision is not the newest: it costs more than all else
that a command imports.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa

import occ
from occ import own_files
from occ.errors import JournalError, JournalNewerError
from occ.journal.chain import Row
from occ.journal.sqlite import connect, faults, schema
from occ.journal.sqlite.connect import Opened


@dataclass(frozen=True, slots=True)
class Scripts:
    """Where the migrations lie, and which revisions they lead through, oldest first."""

    folder: Path
    revisions: Sequence[str]

    @property
    def newest(self) -> str:
        """The revision that this occ writes."""
        return self.revisions[-1]


@cache
def scripts() -> Scripts:
    """The migrations that came with this occ: in the package, or in the checkout beside it."""
    package = Path(occ.__file__).parent
    packed = package / "migrations"
    folder = packed if packed.is_dir() else package.parent / "migrations"
    return Scripts(folder, schema.REVISIONS)


def revision(opened: Opened, known: Scripts) -> str:
    """The revision of a journal's schema.

    Raises:
        JournalNewerError: this occ does not know it.
        JournalDamagedError: the file is no journal.
    """
    tables = {name for (name,) in opened.rows(schema.TABLES)}
    if not tables:
        raise faults.not_one(opened.path, "it is empty")
    if not {"alembic_version", "entries"} <= tables:
        raise faults.not_one(opened.path, "it is a database of something else")
    stored = [str(value) for (value,) in opened.rows(schema.REVISION_STORED)]
    if len(stored) != 1:
        raise faults.not_one(opened.path, f"it names {len(stored)} revisions of its schema")
    if stored[0] not in known.revisions:
        raise JournalNewerError(
            f"the journal {opened.path} has schema {stored[0]}; this occ knows up to "
            f"{known.newest}",
            hint="install the occ that wrote it, or name another: occ --journal PATH status",
        )
    return stored[0]


def create(path: Path, first: Row, known: Scripts) -> None:
    """Make a journal with its first entry; its name appears when it is complete.

    So a file that is empty or has no entry is never one of ours in the making, but a damaged one.

    Raises:
        sqlite3.Error, sqlalchemy.exc.DBAPIError, OSError: see `faults.explained`.
    """
    part = path.with_name(f"{path.name}.new")
    with own_files.folder_of(path, last=False) as (folder, name):
        for end in ("", *connect.BESIDE):
            folder.remove(f"{part.name}{end}")
        os.close(folder.own(part.name, os.O_WRONLY | os.O_EXCL))
        opened = connect.open_to_write(part)
        try:
            upgrade(opened, known)
            opened.connection.exec_driver_sql(schema.INSERT, first)
        finally:
            opened.close()
        folder.rename(part.name, name)


def to_newest(opened: Opened, known: Scripts) -> None:
    """Bring an older journal to the newest schema, after a copy beside it was made.

    The caller holds the writers' lock, and nobody else has the journal open for writing.

    Raises:
        JournalError: a migration failed; the journal is as it was.
        sqlite3.Error, sqlalchemy.exc.DBAPIError, OSError: see `faults.explained`.
    """
    stored = revision(opened, known)
    if stored == known.newest:
        return
    copy = opened.path.with_name(f"{opened.path.name}.{stored}.backup")
    connect.back_up(opened, copy)
    try:
        upgrade(opened, known)
    except (sa.exc.DBAPIError, OSError):
        raise
    except Exception as error:
        raise JournalError(
            f"the journal {opened.path} could not be brought from schema {stored} to "
            f"{known.newest}: {error}. It is as it was",
            hint=f"go on with the occ that wrote it; a copy is at {copy}",
        ) from error


def upgrade(opened: Opened, known: Scripts) -> None:
    """Run the migrations in one transaction of ours.

    Alembic on SQLite is not transactional by itself: a migration that failed half way left its
    first table behind.
    """
    from alembic import command  # noqa: PLC0415 - 350 ms, and rarely needed
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    # A config file's % would begin a substitution.
    config.set_main_option("script_location", str(known.folder).replace("%", "%%"))
    config.attributes["connection"] = opened.connection
    opened.run("BEGIN IMMEDIATE")
    try:
        command.upgrade(config, known.newest)
        opened.run("COMMIT")
    except BaseException:
        if opened.in_transaction:
            opened.run("ROLLBACK")
        raise
