"""The draft of an adoption: the version, the config's table, and which secrets go where."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from occ.app.desk import Desk
from occ.app.secret_values import prints_of
from occ.domain.request import Version
from occ.domain.spec import Spec, differences
from occ.domain.values import LOCAL_REPOSITORIES, Reference
from occ.domain.versions import Ledger
from occ.engine.port import Engine
from occ.engine.values import Image, Inspection
from occ.errors import (
    ConfigError,
    ImageMissingError,
    RefusedError,
    RegistryError,
    UnauthorizedError,
)
from occ.operations.derive import Derived, derive
from occ.operations.labels import keep_reference
from occ.operations.steps.images import described
from occ.settings import Service
from occ.settings.as_table import text_of
from occ.settings.folders import home
from occ.settings.keys.readers import names_container
from occ.settings.read import services_of
from occ.settings.secret_values.secrets_file import read_secrets
from occ.settings.toml.config_text import holds, whole_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An adoption before anything is written."""

    service: Service
    version: Version
    text: str
    """The table for the config; empty where the config has one."""
    copies: Mapping[str, str]
    to_store: tuple[str, ...]
    """The names of the secrets that the secrets file does not have yet."""
    notes: tuple[str, ...]
    data: int
    """The data set of the container; 0 for the service's current one."""


def draft_of(
    desk: Desk,
    there: Inspection,
    name: str,
    ledger: Ledger,
    secret: Collection[str],
    *,
    planning: bool,
) -> Draft:
    """The record and the texts that adopting this container would leave; nothing is written yet.

    Raises:
        RefusedError: something of the container cannot be carried, each with its reason.
    """
    engine = desk.engine_of(name)
    found = derive(there, name, secret=secret, free=lambda volume: engine.volume(volume) is None)
    local = not found.reference or found.reference.startswith(LOCAL_REPOSITORIES)
    if there.image is not None and there.image.by_digest and not local:
        there, found = from_registry(engine, there, there.image, found)
    if found.obstacles or there.image is None:
        raise _refused(there, "; ".join(found.obstacles))
    data = ledger.data.fitting(frozenset(volume.name for volume in found.spec.volumes))
    found = replace(found, spec=data.unbound(found.spec))
    prints = prints_of(desk, found.secrets, planning=planning)
    version = _version(desk, there, there.image, name, ledger, found, prints)
    service, text = _written(desk, there, name, version, found)
    notes = found.notes
    if holds(desk.settings.path, ("services", name)):
        service, text = desk.settings.services[name], ""
        notes = (*notes, *_as_it_is(service, version.spec, own_name(there, name)))
    return Draft(
        service=service,
        version=version,
        text=text,
        copies=found.copies,
        to_store=_missing(there, desk.settings.secrets_file(service), found.secrets),
        notes=notes,
        data=0 if data == ledger.data.current else data.number,
    )


def from_registry(
    engine: Engine, there: Inspection, image: Image, found: Derived
) -> tuple[Inspection, Derived]:
    """The same, where only the registry knows whether an image is from one.

    An image that lost its tag to a newer one has no digests any more, and one that was only built
    has some. A registry that does not answer may have the image.
    """
    repository = Reference.parse(found.reference).repository
    try:
        engine.registry_digest(found.reference)
    except ImageMissingError:
        return there, replace(found, pull="never")
    except RegistryError as error:
        built = isinstance(error, UnauthorizedError) and "." not in repository.partition("/")[0]
        if built or not image.digests:
            return there, replace(found, pull="never")
        unsure = f'if no registry has its image, set pull = "never": {error.message}'
        return there, replace(found, notes=(*found.notes, unsure))
    known = image.digests or (f"{repository}@{image.id}",)
    return replace(there, image=replace(image, digests=known)), replace(found, pull="always")


def _version(
    desk: Desk,
    there: Inspection,
    image: Image,
    name: str,
    ledger: Ledger,
    found: Derived,
    prints: Mapping[str, str],
) -> Version:
    """The version that the container is: a recorded one, if it is exactly that."""
    same = ledger.same(there.container.image, found.spec.digest(), prints)
    if same is not None:
        return same.version
    number = ledger.next_number
    reference = found.reference or keep_reference(desk.journal.id, name, number)
    digests, labelled = described(reference, image)
    if found.pull != "always":  # a digest may say no more than that it has a name
        digests = ()
    return Version(
        number=number,
        image=image.id,
        reference=reference,
        spec=found.spec,
        digests=digests,
        fingerprints=prints,
        labelled=labelled,
    )


def _written(
    desk: Desk, there: Inspection, name: str, version: Version, found: Derived
) -> tuple[Service, str]:
    """The service as the config would declare it, and its table, read back to see that it does.

    It is read where the config has a table already too: what that may not hold, such as a
    password among the engine's own words, the journal may not either.
    """
    path = desk.settings.path
    there_already = holds(path, ("services", name))
    file = path.parent / f"{name}.secrets" if found.secrets else None
    service = Service(
        name=name,
        called=own_name(there, name),
        reference=version.reference,
        pull="always" if found.pull == "always" else "never",
        spec=version.spec,
        secrets_file=file,
    )
    text = text_of(replace(service, secrets_file=Path(file.name) if file else None))
    try:
        whole = text if there_already else whole_text(path, text)
        read = services_of(whole, path, home(desk.environ))[name]
    except ConfigError as error:
        raise _refused(there, error.message) from error
    if read.spec != version.spec:
        listed = ", ".join(differences(version.spec, read.spec))
        raise _refused(there, f"the config has no words for its {listed}")
    return service, text


def _missing(there: Inspection, file: Path, values: Mapping[str, str]) -> tuple[str, ...]:
    """The secrets that the file does not have yet."""
    filed = read_secrets(file) if values else {}
    other = [name for name, value in values.items() if filed.get(name, value) != value]
    if other:
        raise _refused(there, f"{file} has another value for {', '.join(other)}")
    return tuple(name for name in values if name not in filed)


def own_name(there: Inspection, name: str) -> str:
    """The container's name, where that is not the service's and can be kept; else empty."""
    found = there.container.name
    return found if found != name and names_container(found) else ""


def _as_it_is(existing: Service, spec: Spec, called: str) -> tuple[str, ...]:
    renamed = () if existing.container_name == (called or existing.name) else ("container",)
    changed = ", ".join((*differences(spec, existing.spec), *renamed))
    stays = "its table in the config stays as it is"
    return (f"{stays}, and the next update changes: {changed}" if changed else stays,)


def _refused(there: Inspection, why: str) -> RefusedError:
    return RefusedError(
        f"container {there.container.name} cannot be adopted: {why}",
        hint=f"docker inspect {there.container.name}",
    )
