"""A service of Compose as a service of ours, with the values of its secrets kept apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from occ.app.config.compose import forms
from occ.app.config.compose.engine_words import duration, engine_words, reserved
from occ.app.config.compose.model import Model
from occ.app.config.compose.networks import standing_of
from occ.app.config.compose.part import Part
from occ.app.config.compose.places import places_of
from occ.domain.spec import Build, Limits, Port, Spec
from occ.operations.derive.secrets import hide
from occ.settings import Service
from occ.settings.keys import readers, short_syntax
from occ.settings.keys.choices import Pull

_UNNAMED: Final = "occ has no word for it"
_SWARM: Final = "it is for Swarm"
# Why a key is not carried; an empty reason is for a key that a container has nothing of.
_LEFT: Final[Mapping[str, str]] = {
    "attach": "",
    "blkio_config": "write the engine's Blkio... keys under engine",
    "cpu_count": "it is for Windows",
    "cpu_percent": "it is for Windows",
    "credential_spec": "it is for Windows",
    "depends_on": "",
    "develop": "it is for `docker compose watch`",
    "env_file": "docker compose config reads it into environment, unless it was told not to",
    "extends": "docker compose config takes the other service in; this model is not resolved",
    "external_links": "join both to a network, where they find each other",
    "isolation": "it is for Windows",
    "label_file": "docker compose config reads it into labels",
    "links": "in their network services find each other by name; for another name write Aliases",
    "platform": "the engine takes the image of its own platform",
    "post_start": "occ runs nothing inside a service after its start",
    "pre_stop": "occ runs nothing inside a service before its stop",
    "profiles": "occ has no profiles: it is imported as one that is always meant",
    "volumes_from": "name those volumes here too",
}
_CONDITIONS: Final[Mapping[str, str]] = {"any": "always", "none": "no", "on-failure": "on-failure"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A service of ours. No text of it holds a value of a secret."""

    service: Service
    secrets: Mapping[str, str] = field(repr=False)
    """Values by the names that the service has for them; they are neither written nor shown."""
    notes: tuple[str, ...]
    """Sentences on values that a person must judge."""


def carried(part: Part, model: Model, called: str, name: str) -> Carried | None:
    """A service of the model under the name `name`; None where the reason is told in `part.left`.

    `called` is its name in Compose.
    """
    build = _build(part)
    if part.has("build") and build is None:
        return None
    usual = f"{model.project}-{called}" if build else ""
    reference = part.take("image", readers.image, usual)
    if not reference:
        part.leave("", "it is not imported: it has no image that can be read")
        return None
    standing = standing_of(part, model, called, name)
    if standing.why_not:
        part.leave("", f"it is not imported: {standing.why_not}")
        return None
    places, deploy = places_of(part, model, name), part.part("deploy")
    bounds, more = _limits(part, deploy)
    spec = Spec(
        ports=tuple(port for one in part.listed("ports") for port in _port(one)),
        volumes=tuple(places.volumes),
        mounts=tuple(places.mounts),
        env=_env(part),
        labels=part.pairs("labels"),
        restart=_restart(part, deploy),
        command=part.words("command"),
        entrypoint=part.words("entrypoint"),
        user=part.text("user"),
        networks=standing.names,
        limits=bounds,
        stop_timeout_ms=part.take("stop_grace_period", duration, Spec().stop_timeout_ms),
        engine={
            **engine_words(part),
            **more,
            **places.engine,
            **({"EndpointsConfig": standing.endpoints} if standing.endpoints else {}),
        },
    )
    _one_alone(part, deploy)
    own, pull = part.take("container_name", readers.container, ""), _pull(part)
    part.rest(_LEFT, _UNNAMED)
    hidden = hide(spec, (), reference, name, called, own)
    service = Service(
        name=name,
        called=own if own != name else "",
        reference=reference,
        pull="never" if build else pull,
        spec=hidden.spec,
        build=build,
    )
    return Carried(service=service, secrets=hidden.values, notes=hidden.notes)


def _port(part: Part) -> tuple[Port, ...]:
    target, host = part.text("target"), part.text("published")
    protocol = part.text("protocol", "tcp")
    address = part.text("host_ip") or short_syntax.EVERYWHERE
    for key in ("mode", "name", "app_protocol"):
        part.text(key)
    part.rest({}, _UNNAMED)
    if part.found and not host:
        part.leave("published", f"the engine would choose it: name a port of the host for {target}")
        return ()
    bound = f"[{address}]" if ":" in address else address
    return part.written(f"{bound}:{host}:{target}/{protocol}", short_syntax.port) if target else ()


def _env(part: Part) -> Mapping[str, str]:
    unset: Mapping[str, str | None] = {}
    found = part.take("environment", forms.pairs, unset)
    for name in (name for name, value in found.items() if value is None):
        part.part("environment").leave(name, "it had no value when the model was resolved")
    return {name: value for name, value in found.items() if value is not None}


def _restart(part: Part, deploy: Part) -> str:
    """Compose starts nothing again by itself unless it is told to."""
    policy = deploy.part("restart_policy")
    condition = policy.text("condition")
    tries = policy.whole_number("max_attempts")
    policy.rest({}, "the engine has its own pauses between two tries")
    asked = _CONDITIONS.get(condition, "no")
    if asked == "on-failure" and tries:
        asked = f"on-failure:{tries}"
    return part.text("restart") or asked


def _limits(part: Part, deploy: Part) -> tuple[Limits, Mapping[str, Any]]:
    resources = deploy.part("resources")
    limits = resources.part("limits")
    found = Limits(
        memory_bytes=limits.take("memory", forms.size, part.take("mem_limit", forms.size, 0)),
        nano_cpus=limits.take("cpus", forms.nano_cpus, part.take("cpus", forms.nano_cpus, 0)),
        pids=max(0, limits.take("pids", forms.whole, part.whole_number("pids_limit"))),
    )
    limits.rest({}, _UNNAMED)
    more = reserved(resources.part("reservations"))
    resources.rest({}, _UNNAMED)
    return found, more


def _one_alone(part: Part, deploy: Part) -> None:
    """Tell where Compose would run several containers of it."""
    for where, key in ((part, "scale"), (deploy, "replicas")):
        if where.whole_number(key, 1) != 1:
            where.leave(key, "occ runs one container a service")
    deploy.text("mode")
    deploy.rest({}, _SWARM)


def _pull(part: Part) -> Pull:
    """When an update asks the registry: always, unless Compose is told never to."""
    said = part.text("pull_policy")
    return "never" if said == "never" else "always"


def _build(part: Part) -> Build | None:
    if not part.has("build"):
        part.take("build", lambda _: None, None)
        return None
    build = part.part("build")
    context = build.text("context")
    inline = build.has("dockerfile_inline")
    if not context.startswith("/") or inline:
        why = "its Dockerfile stands in the model" if inline else "it is built from no folder"
        part.leave("", f"it is not imported: {why}; build it yourself, and give it an image")
        return None
    found = Build(
        context=str(Path(context)),
        dockerfile=build.text("dockerfile") or "Dockerfile",
        args=build.pairs("args"),
        target=build.text("target"),
        pull=build.flag("pull"),
    )
    build.rest({}, "occ has no word for it in a build")
    return found
