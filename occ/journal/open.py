"""From what people give to `--journal` to a journal."""

import re
from pathlib import Path

import sqlalchemy as sa

from occ.errors import UsageMistakeError
from occ.journal.port import Journal
from occ.journal.sqlite.store import SqlJournal

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")


def open_journal(address: str) -> Journal:
    """The journal at a path or an SQLAlchemy URL; nothing is created yet.

    Raises:
        UsageMistakeError: it is neither, or a database that occ does not know.
    """
    return SqlJournal(file_of(address))


def file_of(address: str) -> Path:
    """The file that a path or an SQLAlchemy URL names.

    Raises:
        UsageMistakeError: as for `open_journal`.
    """
    scheme = _SCHEME.match(address)
    if "\0" in address or not address:
        raise UsageMistakeError(f"{address!r} is no path", hint="--journal PATH")
    if scheme is None:
        return Path(address).expanduser().absolute()
    try:
        url = sa.make_url(address)
    except (sa.exc.ArgumentError, ValueError):
        # Not repeated: it may hold a password at a place where nobody looks for one.
        raise UsageMistakeError(
            f"the journal's address is no database URL, though it begins with {scheme[0]}",
            hint="use a file: --journal PATH, or sqlite:////absolute/path",
        ) from None
    if url.get_backend_name() != "sqlite":
        where = f"{url.drivername}://{url.host or ''}/{url.database or ''}"
        raise UsageMistakeError(
            f"a journal cannot be kept in {where}: only sqlite so far",
            hint="use a file: --journal PATH, or sqlite:////absolute/path",
        )
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise UsageMistakeError(
            "a journal needs a file, which this sqlite URL does not name",
            hint="sqlite:////absolute/path, with four slashes",
        )
    return Path(url.database).absolute()
