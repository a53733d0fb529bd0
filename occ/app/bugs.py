"""The traceback of an error that nobody foresaw, kept beside the journal for who reports it."""

import traceback
from collections.abc import Iterable

from occ import __version__
from occ.app.desk import Desk
from occ.clock import local_time
from occ.domain.operation import Operation
from occ.domain.secrets.secrecy import clean, redact

_MOST_CHARACTERS = 1 << 15
"""A traceback is cut to so many of its last characters."""
_FRAMES = 50


def kept_bug(desk: Desk, operation: Operation, error: Exception, secrets: Iterable[str]) -> str:
    """Keep a traceback, without the values of variables and of secrets; the file, or empty.

    No error is raised: a failed change is put back whether its traceback was kept or not.
    """
    try:
        told = "".join(traceback.format_exception(error, limit=-_FRAMES))
        # Cut last: half a secret at the edge would be one that nobody finds.
        hidden = clean(redact(told, tuple(secrets)))[-_MOST_CHARACTERS:]
        number, service = operation.number, operation.service
        when = local_time(desk.clock.now())
        head = f"{when} occ {__version__}, operation {number} of {service}"
        return desk.journal.keep_bug(f"{head}\n{hidden}\n")
    except Exception:  # noqa: BLE001 - an exception may fail even at telling itself
        return ""
