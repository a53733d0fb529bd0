"""From what people give to `--journal` to a journal."""

from pathlib import Path

import sqlalchemy as sa

from occ.errors import UsageMistakeError
from occ.journal.port import Journal
from occ.journal.store import SqlJournal


def open_journal(address: str) -> Journal:
    """The journal at a path or an SQLAlchemy URL; nothing is created yet.

    Raises:
        UsageMistakeError: it is neither, or a database that occ does not know.
    """
    if "://" not in address:
        return SqlJournal(Path(address).expanduser().absolute())
    try:
        url = sa.make_url(address)
    except sa.exc.ArgumentError:
        raise UsageMistakeError(
            "the journal is neither a path nor a database URL", hint="--journal PATH"
        ) from None
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise UsageMistakeError(
            f"a journal cannot be kept in {url.render_as_string(hide_password=True)}",
            hint="use a file: --journal PATH, or sqlite:////absolute/path",
        )
    return SqlJournal(Path(url.database).absolute())
