"""The image that a change leads to, as far as that is known before anything is pulled."""

from dataclasses import dataclass

from occ.domain.request import Found, Request
from occ.domain.values import Reference
from occ.domain.versions import Ledger
from occ.engine.port import Engine
from occ.engine.values import Image
from occ.errors import RegistryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The image that a request means at this moment; empty fields where nobody knows yet."""

    image: str = ""
    """Its id; empty for an image that was never on this host."""
    digest: str = ""
    """Its digest at the registry, `sha256:...`."""
    unanswered: RegistryError | None = None
    """Why the registry did not tell."""


def newest(engine: Engine, ledger: Ledger, request: Request, running: str) -> Newest:
    """The image that a request means; the registry is asked only where the image would be pulled.

    `running` is the id of the image of the container found, empty without one.
    """
    target = ledger.versions.get(request.version)
    if request.build is not None or not request.reference:
        return Newest()  # only the builder knows, or no image comes
    if target is not None or request.image or request.exact:
        image = target.version.image if target else request.image or request.exact
        return Newest(image=image, digest=digest_of(engine.image(image), request.reference))
    here = None if request.pull == "always" else engine.image(request.reference)
    if here is not None:
        return Newest(image=here.id, digest=digest_of(here, request.reference))
    if request.pull == "never":
        return Newest()  # its first step tells why
    try:
        digest = engine.registry_digest(request.reference)
    except RegistryError as error:
        return Newest(unanswered=error)
    return Newest(
        image=known_image(engine, ledger, request.reference, digest, running), digest=digest
    )


def brings_current(found: Found, ledger: Ledger, image: str) -> bool:
    """Whether an image is the one that runs, or, where nothing is there, the current version's."""
    current = ledger.versions.get(ledger.current)
    runs = found.image or (current.version.image if current else "")
    return bool(image) and image == runs


def known_image(engine: Engine, ledger: Ledger, reference: str, digest: str, running: str) -> str:
    """The id of the image that a digest of the registry means; empty where it was never here.

    The image that runs comes first: an index and the image of one platform have digests of their
    own, and it is known by all of them. An image that a prune took is known by its versions.
    """
    there = engine.image(running) if running else None
    if there is not None and there.known_as(digest):
        return there.id
    here = engine.image(f"{Reference.parse(reference).repository}@{digest}")
    if here is not None:
        return here.id
    versions = (record.version for _, record in sorted(ledger.versions.items(), reverse=True))
    return next((v.image for v in versions if any(d.endswith(f"@{digest}") for d in v.digests)), "")


def digest_of(image: Image | None, reference: str) -> str:
    """A digest by which the image's registry knows it; empty for an image that none ever had."""
    if image is None:
        return ""
    repository = Reference.parse(reference).repository
    own = [digest for digest in image.digests if digest.startswith(f"{repository}@")]
    return next(iter(own or image.digests), "").rpartition("@")[2]
