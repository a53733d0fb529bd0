"""Whether there is another image than the one that runs."""

from occ.app import host
from occ.app.desk import Desk
from occ.app.knowledge.cautions import caution_of
from occ.app.knowledge.newest import known_image
from occ.app.knowledge.own_answers import with_answers
from occ.app.knowledge.situation import against, note_sight
from occ.app.ledgers import ledger_of
from occ.app.results import Caution, Check
from occ.app.secret_values import comparable_prints, secrets_at_hand
from occ.domain.eligibility import Situation, reasons
from occ.domain.reasons import Reason
from occ.domain.values import Reference
from occ.domain.versions import Ledger
from occ.engine.values import Image
from occ.operations.steps.images import on_host
from occ.settings import Service


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
    if wanted.build is not None:
        return Check(
            service=service,
            reference=reference,
            running=(),
            published="",
            available=False,
            built=wanted.build.context,
        )
    ledger = ledger_of(desk.journal, service)
    there = host.ours(engine, desk.journal.id, service, ledger).current
    running = there.image if there else ""
    image = engine.image(running) if running else None
    if wanted.pull == "never":
        known: tuple[str, ...] = (running,) if running else ()
        published = newest = on_host(engine, reference).id
        available = published != running
    else:
        known = (image.digests or _by_id(image)) if image else ()
        published = engine.registry_digest(reference)
        newest = known_image(engine, ledger, reference, published, running)
        available = image is None or not image.known_as(published)
    if available:
        note_sight(desk, wanted, published)
    caution = _caution(desk, wanted, ledger, newest) if available else None
    return Check(
        service=service,
        reference=reference,
        running=known,
        published=published,
        available=available,
        caution=caution,
        reasons=_reasons(desk, wanted, ledger, caution, published) if available else (),
    )


def _reasons(
    desk: Desk, wanted: Service, ledger: Ledger, caution: Caution | None, digest: str
) -> tuple[Reason, ...]:
    """All that keeps an update to the image that is available away, unless it is overridden."""
    seen = Situation(now=desk.clock.now())
    seen = against(desk, seen, wanted, ledger, caution, newer=True, digest=digest)
    return reasons(with_answers(desk, seen, wanted))


def _caution(desk: Desk, wanted: Service, ledger: Ledger, image: str) -> Caution | None:
    """The caution that an update would meet, by the config and the secrets as they are now."""
    prints = comparable_prints(desk, secrets_at_hand(desk, wanted, wanted.spec))
    return caution_of(desk, wanted.name, ledger, image, wanted.spec, prints)


def _by_id(image: Image) -> tuple[str, ...]:
    """The id of an image without a tag, where that is its digest."""
    return (image.id,) if image.by_digest else ()
