"""Bringing a journal's schema to the newest; Alembic is imported only when it is not there."""

import os
import sqlite3
from pathlib import Path

import sqlalchemy as sa

import occ
from occ.errors import JournalDamagedError, JournalNewerError
from occ.journal import schema


def stored_revision(connection: sa.Connection) -> str:
    """The schema's revision, empty for a file that holds nothing yet.

    Raises:
        JournalDamagedError: the file is a database, but no journal.
    """
    tables = set(
        connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
    )
    if not tables:
        return ""
    if "alembic_version" not in tables:
        raise JournalDamagedError(
            "the file is a database of something else", hint="name another: --journal PATH"
        )
    return str(connection.exec_driver_sql(schema.REVISION_STORED).scalar() or "")


def newer(path: Path, stored: str) -> JournalNewerError:
    """The refusal of a journal whose schema a newer occ has made."""
    return JournalNewerError(
        f"{path} has schema {stored}, this occ knows {schema.REVISION}",
        hint="install the occ that wrote it",
    )


def to_newest(connection: sa.Connection, path: Path) -> None:
    """Migrate, under the writers' lock; an existing journal is backed up first, beside itself.

    Raises:
        JournalNewerError: the schema is newer than this occ.
    """
    stored = stored_revision(connection)
    if stored == schema.REVISION:
        return
    if stored > schema.REVISION:
        raise newer(path, stored)
    if stored:
        _back_up(connection, path.with_name(f"{path.name}.{stored}.backup"))
    from alembic import command  # noqa: PLC0415 - 350 ms, and rarely needed
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(_scripts()))
    config.attributes["connection"] = connection
    # Alembic on SQLite is not transactional by itself: a migration that failed half way left its
    # first table behind.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        command.upgrade(config, "head")
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")


def _scripts() -> Path:
    package = Path(occ.__file__).parent
    packed = package / "migrations"
    return packed if packed.exists() else package.parent / "migrations"


def _back_up(connection: sa.Connection, target: Path) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101 - for the type checker
    with sqlite3.connect(target) as copy:
        raw.backup(copy)
