"""Whether there is another image than the one that runs."""

from occ.app import host
from occ.app.desk import Desk
from occ.app.ledgers import ledger_of
from occ.app.results import Check
from occ.domain.values import Reference
from occ.operations.steps.images import on_host


def check(desk: Desk, service: str) -> Check:
    """Ask the registry for the digest of the config's image; nothing is pulled or written.

    An index's digest is compared with every digest the running image is known by, so an
    image for several platforms is not "new" for ever. An image that is never pulled has no
    registry: there the image of that name on the host is compared, by its id.

    Raises:
        ImageMissingError: there is no image of the config's name.
    """
    wanted, engine = desk.settings.service(service), desk.engine_of(service)
    reference = str(Reference.parse(wanted.reference))
    known: tuple[str, ...] = ()
    newest, built = "", wanted.build.context if wanted.build else ""
    if wanted.build is None:
        ledger = ledger_of(desk.journal, service)
        there = host.ours(engine, desk.journal.id, service, ledger).current
        image = engine.image(there.image) if there else None
        if wanted.pull == "never":
            newest = on_host(engine, reference).id
            known = (there.image,) if there else ()
        else:
            known = image.digests if image else ()
            newest = engine.registry_digest(reference)
    return Check(
        service=service,
        reference=reference,
        running=known,
        published=newest,
        available=wanted.build is None and not any(digest.endswith(newest) for digest in known),
        built=built,
    )
