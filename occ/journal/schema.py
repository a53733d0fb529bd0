"""The one table of entries, the guards that keep it append-only, and the statements."""

import sqlalchemy as sa

REVISION = "0001"

metadata = sa.MetaData()
entries = sa.Table(
    "entries",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("operation", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("schema", sa.Integer, nullable=False),
    sa.Column("at", sa.Integer, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("operator", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.UniqueConstraint("operation", "seq", name="one_entry_a_place"),
    sa.Index("entries_by_service", "service", "name", "position"),
    sa.Index("entries_by_name", "name", "position"),
    sqlite_strict=True,
)

# UPDATE and DELETE triggers alone do not make a table append-only: INSERT OR REPLACE rewrites rows
# past both. The INSERT guard stops that, gaps, and broken links.
GUARDS = (
    """CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
       BEGIN SELECT RAISE(ABORT, 'entries never change'); END""",
    """CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
       BEGIN SELECT RAISE(ABORT, 'entries never go'); END""",
    """CREATE TRIGGER entries_follow BEFORE INSERT ON entries
       WHEN NEW.position IS NOT (SELECT COALESCE(MAX(position), 0) + 1 FROM entries)
         OR NEW.previous IS NOT COALESCE(
              (SELECT hash FROM entries ORDER BY position DESC LIMIT 1),
              '0000000000000000000000000000000000000000000000000000000000000000')
       BEGIN SELECT RAISE(ABORT, 'an entry must follow the last one'); END""",
    """CREATE TRIGGER entries_keep_their_place BEFORE INSERT ON entries
       WHEN EXISTS (SELECT 1 FROM entries
                    WHERE operation = NEW.operation AND seq = NEW.seq)
       BEGIN SELECT RAISE(ABORT, 'one_entry_a_place'); END""",
)

_COLUMNS = "position, operation, seq, name, schema, at, service, operator, body, previous, hash"

INSERT = f"INSERT INTO entries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own words
HEAD = "SELECT position, hash FROM entries ORDER BY position DESC LIMIT 1"
FIRST = "SELECT name, body FROM entries WHERE position = 1"
ALL = f"SELECT {_COLUMNS} FROM entries ORDER BY position"  # noqa: S608
OF_OPERATION = f"SELECT {_COLUMNS} FROM entries WHERE operation = ? ORDER BY seq"  # noqa: S608
PLACE = "SELECT hash FROM entries WHERE operation = ? AND seq = ?"
LAST_OPERATION = "SELECT COALESCE(MAX(operation), 0) FROM entries"
ADVANCED = "SELECT body FROM entries WHERE name = 'numbers.advanced'"
REVISION_STORED = "SELECT version_num FROM alembic_version"


def of_service(names: int) -> str:
    """The entries of a service, of so many names."""
    marks = ", ".join("?" * names)
    wanted = f" AND name IN ({marks})" if names else ""
    return f"SELECT {_COLUMNS} FROM entries WHERE service = ?{wanted} ORDER BY position"  # noqa: S608


def planned(*, service: bool) -> str:
    """The entries `operation.planned` before an operation, newest first, a limited number."""
    wanted = " AND service = ?" if service else ""
    return (
        f"SELECT {_COLUMNS} FROM entries WHERE name = 'operation.planned'{wanted} "  # noqa: S608
        "AND operation < ? ORDER BY position DESC LIMIT ?"
    )
