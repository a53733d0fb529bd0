"""From a container that somebody made to the spec that would make it again: pure.

A container's own declarations are those that its image did not bring. The engine's own defaults
and the labels of an occ elsewhere are taken out; so is all that cannot be carried, with a note.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from occ.domain.spec import Limits, Spec
from occ.domain.values import MS_A_SECOND, Reference
from occ.engine.values import LEAVING, Image, Inspection
from occ.errors import UsageMistakeError
from occ.operations.derive.engine import engine_words, shared
from occ.operations.derive.networks import networks
from occ.operations.derive.places import places
from occ.operations.derive.ports import ports
from occ.operations.derive.secrets import Hidden, hide

# Compose 1 writes it into each container that it makes again, for a Swarm of old; nothing reads it.
_AFFINITY = "affinity:container"
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{12,64}")
_SCHEDULERS: Mapping[str, str] = {
    "com.docker.swarm.task.id": "Swarm",
    "io.kubernetes.pod.name": "Kubernetes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A container's spec, and all else that an adoption needs to know of it."""

    spec: Spec
    reference: str
    """Empty when the image has no name."""
    pull: str
    secrets: Mapping[str, str] = field(repr=False)
    """Values by the names that the spec has for them."""
    copies: Mapping[str, str]
    """Its anonymous volumes, each with the named one of the spec that takes its place."""
    notes: tuple[str, ...] = ()
    """Sentences on each thing that will be another one in its replacement."""
    obstacles: tuple[str, ...] = ()
    """Sentences on why it cannot be adopted."""


def derive(
    there: Inspection, service: str, *, secret: Collection[str] = (), free: Callable[[str], bool]
) -> Derived:
    """The spec of a container.

    `secret` are further variables to treat as secrets; `free` says whether no volume has a name.
    """
    config, host, brought = there.config, there.host, there.image_config
    published = ports(there)
    placed = places(there, service, free)
    joined = networks(there, service)
    env, obstacles = _env(config, brought)
    entrypoint, command = _words(config, brought)
    reference = _reference(config, there.image)
    spec = Spec(
        ports=published.ports,
        volumes=placed.volumes,
        mounts=placed.mounts,
        env=env,
        labels=_labels(config, brought),
        restart=there.container.policy,
        command=command,
        entrypoint=entrypoint,
        user=_own(config, brought, "User"),
        networks=joined.names,
        limits=Limits(
            memory_bytes=host.get("Memory") or 0,
            nano_cpus=host.get("NanoCpus") or 0,
            pids=max(0, host.get("PidsLimit") or 0),
        ),
        stop_timeout_ms=_stop_timeout(config),
        engine={
            **engine_words(there),
            **({"ExposedPorts": dict(published.exposed)} if published.exposed else {}),
            **placed.engine,
            **({"EndpointsConfig": dict(joined.endpoints)} if joined.endpoints else {}),
        },
    )
    hidden = hide(spec, secret, reference, service, there.container.name)
    return Derived(
        spec=hidden.spec,
        reference=reference,
        pull="always" if there.image and there.image.digests else "never",
        secrets=hidden.values,
        copies=placed.copies,
        notes=(
            *published.notes,
            *placed.notes,
            *joined.notes,
            *shared(host),
            *_moved(hidden),
            *hidden.notes,
        ),
        obstacles=(
            *_ruled_out(there),
            *published.obstacles,
            *joined.obstacles,
            *obstacles,
            *hidden.obstacles,
        ),
    )


def _own(config: Mapping[str, object], brought: Mapping[str, object], key: str) -> str:
    found = str(config.get(key) or "")
    return "" if found == brought.get(key) else found


def _env(
    config: Mapping[str, list[str] | None], brought: Mapping[str, list[str] | None]
) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Its own variables, and sentences on those that it takes away from the image."""
    own = set(brought.get("Env") or ())
    pairs = [one.partition("=") for one in config.get("Env") or () if one not in own]
    pairs = [pair for pair in pairs if pair[0] != _AFFINITY]
    lost = (name for name, equals, _ in pairs if not equals)
    return (
        {name: value for name, equals, value in pairs if equals},
        tuple(f"it takes the image's variable {name} away, which occ cannot say" for name in lost),
    )


def _labels(
    config: Mapping[str, Mapping[str, str] | None], brought: Mapping[str, Mapping[str, str] | None]
) -> Mapping[str, str]:
    own = brought.get("Labels") or {}
    return {
        name: value
        for name, value in (config.get("Labels") or {}).items()
        if own.get(name) != value and not name.startswith("occ.")
    }


def _words(
    config: Mapping[str, list[str] | None], brought: Mapping[str, list[str] | None]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Entrypoint and command as far as they were declared.

    The engine takes the image's command only where no entrypoint was declared; an entrypoint
    that was taken away is declared as one empty word (moby, daemon/commit.go and create.go).
    """
    entrypoint, command = config.get("Entrypoint") or [], config.get("Cmd") or []
    theirs, usual = brought.get("Entrypoint") or [], brought.get("Cmd") or []
    if entrypoint != theirs or (not command and usual):
        return tuple(entrypoint or [""]), tuple(command)
    return (), () if command == usual else tuple(command)


def _stop_timeout(config: Mapping[str, int | None]) -> int:
    seconds = config.get("StopTimeout")
    return Spec().stop_timeout_ms if seconds is None else seconds * MS_A_SECOND


def _reference(config: Mapping[str, str], image: Image | None) -> str:
    """The image as it was asked for; one asked for by its id, by a tag or digest that it has."""
    named = config["Image"]
    known = (image.references or image.digests) if image else ()
    for asked in known if _ID.fullmatch(named) else (named,):
        with suppress(UsageMistakeError):
            return str(Reference.parse(asked))
    return ""


def _moved(hidden: Hidden) -> Iterator[str]:
    if hidden.values:
        yield f"moved into the secrets file: {', '.join(hidden.values)}"


def _ruled_out(there: Inspection) -> Iterator[str]:
    host, container = there.host, there.container
    if there.image is None:
        yield "its image is gone from the host, so what it declares cannot be told from it"
    if host.get("AutoRemove"):
        yield "it was made with --rm: the engine removes it at its stop, with its anonymous volumes"
    if host.get("Links"):
        yield "it was made with --link: join both to a network, where they find each other"
    if container.state in LEAVING:
        yield f"it is {container.state}"
    for label, who in _SCHEDULERS.items():
        if label in container.labels:
            yield f"{who} looks after it, and would replace it"
    if "occ.helper" in container.labels:
        yield "it is a helper of occ's own"
    stop = there.config.get("StopTimeout")
    if stop is not None and stop < 0:
        yield "it may take for ever to stop (--stop-timeout -1)"
