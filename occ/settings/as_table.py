"""A service as the config would declare it: the way back of reading one."""

from typing import Any, Final

from occ.domain.spec import Spec
from occ.settings.keys import setting
from occ.settings.keys.accounts import Accounts, accounts_value
from occ.settings.keys.service import SERVICE
from occ.settings.model import Service
from occ.settings.toml.table_text import emit

# The page names these keys where their subject is; in the config they come last, in this order.
_LAST: Final = (
    *("secrets", "secrets_file", "users", "snapshot_volumes", "snapshot_timeout"),
    *("snapshot", "snapshot_required", "put_back", "proven_timeout", "hold_after_rollback"),
    *("keep_last", "keep_within", "keep_healthy", "max_bytes", "min_free", "keep_images"),
    *("rehearse", "rehearse_required", "rehearse_data", "rehearse_binds", "rehearse_networks"),
    *("rehearse_env", "rehearse_secrets", "rehearse_check", "after"),
    *("accept", "accept_timeout", "on_unknown", "defer", "max_wait", "after_wait"),
    *("when_idle", "count_path"),
    *("program_env", "hooks"),
    *("env", "labels", "limits", "health", "engine", "build", "auto", "stop_timeout"),
)


def table_of(service: Service) -> dict[str, Any]:
    """The keys and values of `[services.NAME]`; a key that would change nothing is left out."""
    found = setting.table_of(SERVICE, Service(name="", reference=""), service)
    found |= setting.table_of(SERVICE, Spec(), service.spec)
    if service.build is not None:
        found.pop("pull", None)  # it follows from the build, and may not be written
    users = accounts_value(Accounts(names=service.users, passwords=service.passwords))
    if users:
        found["users"] = users
    return dict(sorted(found.items(), key=lambda entry: _rank(entry[0])))


def text_of(service: Service) -> str:
    """The service's table as text for the config."""
    return emit(("services", service.name), table_of(service))


def _rank(key: str) -> int:
    return _LAST.index(key) if key in _LAST else -1
