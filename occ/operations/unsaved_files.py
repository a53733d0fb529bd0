"""The files that go with a container: those in its own layer that nothing carries over."""

from collections.abc import Iterable, Mapping

from occ.domain.spec import Spec
from occ.engine.values import Change
from occ.operations.accounts import FILES, PASSWD, SHADOW, Accounts, with_password

# Account files are carried, and what the account programs leave beside them is of no use.
_CARRIED = frozenset(FILES) | {f"{path}-" for path in FILES} | {"/etc/.pwd.lock"}
_SUBORDINATE = {"/etc/subuid", "/etc/subgid", "/etc/subuid-", "/etc/subgid-"}
_PASSING = ("/tmp", "/run", "/var/run", "/dev/shm")  # noqa: S108 - compared, not used


def lost(changes: Iterable[Change], homes: Mapping[str, str]) -> tuple[Change, ...]:
    """The files that a replacement would not have, without those that pass anyhow (/tmp, /run).

    `homes` are those of the service's users, which a replacement gets again, empty.
    """
    made_again = _CARRIED | _SUBORDINATE | set(homes.values())
    return tuple(
        change
        for change in changes
        if change.path not in made_again
        and not any(change.path == place or _within(change.path, place) for place in _PASSING)
    )


def homes(users: Iterable[str], accounts: Accounts) -> Mapping[str, str]:
    """The homes of those of the users that there are."""
    lines = ((user, accounts.get(PASSWD, user)) for user in users)
    return {user: line[5] for user, line in lines if line is not None and len(line) > 5}  # noqa: PLR2004 - the sixth field


def kept(path: str, spec: Spec) -> bool:
    """Whether a path lies in a volume or mount."""
    return any(spec.covers(place) for place in _upwards(path))


def read_only(spec: Spec) -> bool:
    """Whether the root file system of a container of this spec cannot be written."""
    return spec.engine.get("ReadonlyRootfs") is True


def notes(
    users: Iterable[str], accounts: Accounts, changes: Iterable[Change], spec: Spec
) -> tuple[str, ...]:
    """Sentences on all that a replacement of this spec will not have of the container."""
    changes, where = tuple(changes), homes(users, accounts)
    said = []
    if where and read_only(spec):
        names = ", ".join(where)
        said.append(
            f"the root filesystem is read-only: {names} cannot be put into the new one, "
            "and their passwords go with the container"
        )
    said += [
        f"the home of {user}, {home}, lies in no volume: its files go with the container"
        for user, home in where.items()
        if not kept(home, spec)
    ]
    if any(change.path in {PASSWD, SHADOW} for change in changes):
        said += [
            f"the config does not name {name}, whose account will not be in the new one: "
            f"occ user add {name} takes it along"
            for name in with_password(accounts)
            if name not in where
        ]
    if count := len(lost(changes, where)):
        files = "file" if count == 1 else "files"
        said.append(
            f"{count} {files} in the container's own layer will not be in the new one: occ changes"
        )
    return tuple(said)


def _upwards(path: str) -> Iterable[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]


def _within(path: str, place: str) -> bool:
    return path.startswith(f"{place}/")
