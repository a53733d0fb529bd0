"""Every key that may be written, as rows for the settings page: those that the parser uses."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from occ.settings.keys.accounts import USERS
from occ.settings.keys.auto import AUTO
from occ.settings.keys.build import BUILD
from occ.settings.keys.health import HEALTH
from occ.settings.keys.limits import LIMITS
from occ.settings.keys.notify import NOTIFY
from occ.settings.keys.programs import HOOK, HOOKS
from occ.settings.keys.secrets import SECRETS
from occ.settings.keys.service import SERVICE
from occ.settings.keys.setting import Setting
from occ.settings.read import TOP

_SERVICE = "services.NAME."


class Row(NamedTuple):
    """One key as the settings page shows it."""

    key: str
    form: str
    default: str
    meaning: str


# The keys of each table, by the words that come before them.
TABLES: Final[Mapping[str, Sequence[Setting]]] = {
    "": TOP,
    "secrets.": SECRETS,
    "notify.NAME.": NOTIFY,
    _SERVICE: SERVICE,
    f"{_SERVICE}users.": USERS,
    f"{_SERVICE}limits.": LIMITS,
    f"{_SERVICE}health.": HEALTH,
    f"{_SERVICE}build.": BUILD,
    f"{_SERVICE}hooks.": HOOKS,
    f"{_SERVICE}hooks.PLACE.": HOOK,
    f"{_SERVICE}auto.": AUTO,
}
SETTINGS: Final[tuple[Row, ...]] = tuple(
    Row(prefix + setting.key, setting.form.text, setting.default_text, setting.meaning)
    for prefix, settings in TABLES.items()
    for setting in settings
)
