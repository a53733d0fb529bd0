"""The journal's chain, against the heads that the containers on the host carry."""

from occ.app import host
from occ.app.desk import Desk
from occ.app.results import Verified


def verified(desk: Desk) -> Verified:
    """Walk the journal's whole chain, and compare it with the heads noted on containers.

    Only a head noted elsewhere reveals a tail that was cut off. Without an engine no head is
    compared, and `noted` is None.

    Raises:
        JournalDamagedError: naming the first entry that does not fit.
    """
    noted = host.noted_heads(desk.engine, desk.journal)
    head = desk.journal.verify(noted or ())
    return Verified(
        journal=desk.journal.address,
        entries=head.position,
        head=head.hash,
        noted=None if noted is None else len(noted),
    )
