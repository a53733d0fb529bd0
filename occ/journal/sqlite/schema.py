"""The one table of entries, the guards that keep it append-only, and the statements.

The statements are text, made once: running text costs two thirds of running expressions. The
table is what `migrations/` must lead to; a test compares them.
"""

import sqlalchemy as sa

REVISIONS = ("0001",)
"""Every revision of the schema, oldest first; the last one is what this occ writes."""

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
# past both. The INSERT guards stop that, gaps, and broken links.
GUARDS = {
    "entries_never_change": """CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
       BEGIN SELECT RAISE(ABORT, 'entries never change'); END""",
    "entries_never_go": """CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
       BEGIN SELECT RAISE(ABORT, 'entries never go'); END""",
    "entries_follow": """CREATE TRIGGER entries_follow BEFORE INSERT ON entries
       WHEN NEW.position IS NOT (SELECT COALESCE(MAX(position), 0) + 1 FROM entries)
         OR NEW.previous IS NOT COALESCE(
              (SELECT hash FROM entries ORDER BY position DESC LIMIT 1),
              '0000000000000000000000000000000000000000000000000000000000000000')
       BEGIN SELECT RAISE(ABORT, 'an entry must follow the last one'); END""",
    "entries_keep_their_place": """CREATE TRIGGER entries_keep_their_place BEFORE INSERT ON entries
       WHEN EXISTS (SELECT 1 FROM entries
                    WHERE operation = NEW.operation AND seq = NEW.seq)
       BEGIN SELECT RAISE(ABORT, 'one_entry_a_place'); END""",
}

_COLUMNS = ", ".join(column.name for column in entries.columns)
_MARKS = ", ".join("?" for _ in entries.columns)

INSERT = f"INSERT INTO entries ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608 - our own words
_SELECT = f"SELECT {_COLUMNS} FROM entries"  # noqa: S608 - our own words
HEAD = "SELECT position, hash FROM entries ORDER BY position DESC LIMIT 1"
NEXT = """SELECT position, hash, (SELECT MAX(seq) + 1 FROM entries WHERE operation = ?)
    FROM entries ORDER BY position DESC LIMIT 1"""
PLACE = f"{_SELECT} WHERE operation = ? AND seq = ?"
AT = f"{_SELECT} WHERE position = ?"
OF_OPERATION = f"{_SELECT} WHERE operation = ? AND position > ? ORDER BY position LIMIT ?"
LAST_OPERATION = "SELECT COALESCE(MAX(operation), 0) FROM entries"
# By the index of names: operation 0 also has all notices, which are not to be read here.
ADVANCED = f"{_SELECT} INDEXED BY entries_by_name WHERE name = 'numbers.advanced' AND operation = 0"

# The first position that an operation of at least this number has: where listing stops before it.
BEGINS = """SELECT position FROM entries WHERE operation >= ? AND seq = 0
    ORDER BY operation LIMIT 1"""

# Every name there is, with the schema of its newest entry: one probe of the index a name.
KINDS = """WITH RECURSIVE names(name) AS (
      SELECT MIN(name) FROM entries
      UNION ALL
      SELECT (SELECT MIN(name) FROM entries WHERE entries.name > names.name)
      FROM names WHERE names.name IS NOT NULL)
    SELECT name, (SELECT schema FROM entries WHERE entries.name = names.name
                  ORDER BY position DESC LIMIT 1)
    FROM names WHERE name IS NOT NULL"""

TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)
TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
REVISION_STORED = "SELECT version_num FROM alembic_version"


def after(*, service: bool, names: int) -> str:
    """Entries after a position, in order, a limited number; of a service, of so many names."""
    wanted = " AND service = ?" if service else ""
    if names:
        wanted += f" AND name IN ({', '.join('?' * names)})"
    return f"{_SELECT} WHERE position > ?{wanted} ORDER BY position LIMIT ?"


def newest(*, service: bool) -> str:
    """The entries of one name before a position, newest first, a limited number."""
    wanted = " AND service = ?" if service else ""
    return f"{_SELECT} WHERE position < ? AND name = ?{wanted} ORDER BY position DESC LIMIT ?"
