"""From the config's targets to ways by which messages are sent, secrets filled in."""

from collections.abc import Mapping
from dataclasses import dataclass

from occ.app.desk import Desk
from occ.domain.messages import Message
from occ.domain.secrets.places import filled, placed_in
from occ.domain.spec import Spec
from occ.domain.values import a_few
from occ.errors import NotFoundError, OccError
from occ.notify.port import Answer, Sender
from occ.settings.keys.addresses import shown
from occ.settings.keys.notify import WAYS
from occ.settings.model import NotifyTarget, Service, Settings
from occ.settings.secret_values.lookup import resolve_secrets
from occ.settings.secret_values.stores import stores_of

SECRETS_OF = "notify"
"""The name under which secrets of targets are kept, as if it were a service's."""


def names_of(target: NotifyTarget) -> tuple[str, ...]:
    """The secrets that a target needs."""
    texts = (target.webhook, target.plain, target.apprise, target.sign, target.token)
    return tuple(sorted({*placed_in(texts), *target.secrets}))


def holder(settings: Settings) -> Service:
    """The holder of the secrets of all targets, looked up as a service's."""
    places = placed_in((settings.heartbeat,))
    every = {name for target in settings.notify.values() for name in names_of(target)}
    spec = Spec(secrets=tuple(sorted({*places, *every})))
    return Service(name=SECRETS_OF, reference="", spec=spec)


def values_of(desk: Desk, names: tuple[str, ...]) -> Mapping[str, str]:
    """The values of these secrets.

    Raises:
        SecretMissingError: one has none.
        ConfigError: a store cannot be read.
    """
    if not names:
        return {}
    wanted = Service(name=SECRETS_OF, reference="", spec=Spec(secrets=names))
    return resolve_secrets(wanted, stores_of(desk.settings, wanted), desk.environ)


def way_of(target: NotifyTarget) -> str:
    """The key that says how it is reached."""
    return next(way for way in WAYS if getattr(target, way))


def address_of(target: NotifyTarget) -> str:
    """Where it is, without anything that may be a secret."""
    return target.command[0] if target.command else shown(getattr(target, way_of(target)))


def sender_of(desk: Desk, target: NotifyTarget) -> Sender:
    """The way to a target.

    Raises:
        SecretMissingError: a secret of it has no value.
        ConfigError: a store cannot be read, or a library is missing.
    """
    values = values_of(desk, names_of(target))
    if target.command:
        from occ.notify.program import Command  # noqa: PLC0415 - for these alone
        from occ.programs.host import HostPrograms  # noqa: PLC0415 - as above

        settings = desk.settings
        return Command(
            name=f"notify.{target.name}.command",
            words=target.command,
            programs=HostPrograms(
                config=settings.path, folder=settings.data / "programs", environ=desk.environ
            ),
            secrets={name: values[name] for name in target.secrets},
        )
    if target.apprise:
        from occ.notify.through_apprise import ThroughApprise, the_library  # noqa: PLC0415 - as above

        return ThroughApprise(url=filled(target.apprise, values), library=the_library())
    from occ.notify.web import Plain, Webhook  # noqa: PLC0415 - as above

    token = filled(target.token, values)
    if target.plain:
        return Plain(url=filled(target.plain, values), token=token)
    return Webhook(
        url=filled(target.webhook, values),
        clock=desk.clock,
        key=filled(target.sign, values),
        token=token,
    )


def sender_or_why(desk: Desk, target: NotifyTarget) -> Sender:
    """The way to a target, or one that answers why there is none."""
    try:
        return sender_of(desk, target)
    except OccError as error:
        return Unsendable(error.message)


@dataclass(frozen=True, slots=True)
class Unsendable:
    """A target whose secret or library is missing."""

    why: str

    def send(self, message: Message, timeout_ms: int) -> Answer:  # noqa: ARG002 - the port's
        """Say why."""
        return Answer("failed", self.why)


def chosen(settings: Settings, name: str | None) -> tuple[NotifyTarget, ...]:
    """The target of this name, or all of them.

    Raises:
        NotFoundError: the config has none, or none of this name.
    """
    every = settings.notify
    if not every:
        raise NotFoundError(
            f"{settings.path} names nobody to tell: it has no [notify.NAME]",
            hint="docs/notifications.md shows how one is written: occ config edit",
        )
    if name is None:
        return tuple(every.values())
    if name not in every:
        raise NotFoundError(
            f"there is no [notify.{name}]; there are: {a_few(every)}", hint="occ notify list"
        )
    return (every[name],)
