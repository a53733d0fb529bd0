"""The table of entries and its guards."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

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


def upgrade() -> None:
    """Create it."""
    op.create_table(
        "entries",
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
        sqlite_strict=True,
    )
    op.create_index("entries_by_service", "entries", ["service", "name", "position"])
    op.create_index("entries_by_name", "entries", ["name", "position"])
    for guard in GUARDS:
        op.execute(guard)
