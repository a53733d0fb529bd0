"""The journal's chain, against the heads that the containers on the host carry."""

from occ.app import host
from occ.app.desk import Desk
from occ.app.results import Verified
from occ.errors import NotFoundError
from occ.journal.port import Head


def head(desk: Desk) -> Head:
    """The journal's last entry, to be noted where nobody who may write here can change it.

    Raises:
        NotFoundError: there is no journal yet.
    """
    found = desk.journal.head()
    if not found.position:
        raise NotFoundError(
            f"{desk.journal.address}: there is no journal; the first change makes one",
            hint="occ journal path",
        )
    return found


def verified(desk: Desk, given: str | None = None) -> Verified:
    """Walk the journal's whole chain, and compare it with the heads noted on containers.

    Only a head noted elsewhere reveals a tail that was cut off: `given` is one that a person
    noted. Without an engine no head on a container is compared, and `noted` is None.

    Raises:
        JournalDamagedError: naming the first entry that does not fit.
        UsageMistakeError: `given` is no head.
    """
    own = (Head.noted(given),) if given is not None else ()
    noted = host.noted_heads(desk.engine, desk.journal)
    last = desk.journal.verify((*own, *(noted or ())))
    return Verified(
        journal=desk.journal.address,
        entries=last.position,
        head=last.hash,
        noted=None if noted is None else len(noted),
        given=own[0].whole if own else "",
    )
