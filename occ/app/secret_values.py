"""The values of a service's secrets at this desk: found, and compared by their fingerprints."""

from collections.abc import Mapping
from dataclasses import replace
from secrets import token_bytes

from occ.app.desk import Desk
from occ.domain.secrets.known import strays
from occ.domain.secrets.places import place
from occ.domain.spec import Spec
from occ.errors import ConfigError
from occ.settings import Service, fingerprint, fingerprint_key, resolve_secrets
from occ.settings.secret_values.fingerprints import KEY_FILE, known_key
from occ.settings.secret_values.lookup import at_hand, is_text, locate
from occ.settings.secret_values.stores import stores_of
from occ.settings.toml.document import read_by_others


def fingerprints_of(
    desk: Desk, service: Service, spec: Spec, *, planning: bool = False, declared: bool = False
) -> Mapping[str, str]:
    """The keyed fingerprints of a spec's secrets.

    A spec that is declared, and not yet recorded, may not hold the value of one in clear.

    Raises:
        SecretMissingError: a secret has no value.
        ConfigError: a declared spec holds a value; the message names the field alone.
    """
    if not spec.secrets:
        return {}
    stores = stores_of(desk.settings, service)
    values = resolve_secrets(replace(service, spec=spec), stores, desk.environ)
    if declared:
        for key, name in strays(spec, values, service.reference, service.name):
            raise ConfigError(
                f"services.{service.name}.{key} holds the value of the secret {name}, and the "
                f"journal would keep it; write {place(name)} in its stead: occ config edit"
            )
    return prints_of(desk, values, planning=planning)


def prints_of(desk: Desk, values: Mapping[str, str], *, planning: bool) -> Mapping[str, str]:
    """The keyed fingerprints of values; the key is made where there is none.

    A plan that will not be carried out makes no key. It gets a key that nobody keeps: then every
    comparison with a recorded fingerprint says "unknown".
    """
    if not values:
        return {}
    folder = desk.settings.path.parent
    key = known_key(folder) or token_bytes(32) if planning else fingerprint_key(folder)
    return fingerprint(values, key)


def comparable_prints(desk: Desk, values: Mapping[str, str]) -> Mapping[str, str]:
    """Fingerprints to compare with recorded ones; empty where no key was made yet."""
    key = known_key(desk.settings.path.parent) if values else None
    return {} if key is None else fingerprint(values, key)


def secrets_at_hand(desk: Desk, service: Service, spec: Spec) -> Mapping[str, str]:
    """Those secrets of a spec that have a value here; a missing one is refused where it is needed.

    A store that cannot be read counts as empty: it does not hold up a way back without secrets.
    """
    if not spec.secrets:
        return {}
    try:
        stores = stores_of(desk.settings, service)
    except ConfigError:
        return {}
    return at_hand(spec.secrets, stores, desk.environ)


def login_at_hand(desk: Desk, service: str, spec: Spec) -> Mapping[str, str]:
    """Those secrets that a spec's probe carries and that have a value here; mostly none are."""
    declared = desk.settings.services.get(service)
    if declared is None or not spec.health.secrets:
        return {}
    return secrets_at_hand(desk, declared, spec)


def secrets_found(desk: Desk, service: Service, spec: Spec) -> Mapping[str, str]:
    """Those secrets of a spec that have a value.

    Raises:
        ConfigError: their store cannot be read, so nobody knows.
    """
    if not spec.secrets:
        return {}
    found = locate(spec.secrets, stores_of(desk.settings, service), desk.environ)
    return {name: at.value for name, at in found.items() if at.value and is_text(at.value)}


def open_to_others(desk: Desk, service: Service) -> tuple[str, ...]:
    """A warning for each file of the service's secrets that others than its owner may read."""
    settings = desk.settings
    files = (settings.secrets_file(service), settings.path.parent / KEY_FILE)
    return tuple(said for said in map(read_by_others, files) if said)
