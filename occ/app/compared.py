"""The config against the version that runs, as people read it: line by line."""

from dataclasses import replace
from difflib import unified_diff

from occ.domain.events import Version
from occ.domain.secrecy import clean
from occ.operations.labels import volume_name
from occ.settings import Service
from occ.settings.write import declaration


def difference(wanted: Service, runs: Version, users: tuple[str, ...], config: str) -> str:
    """A unified diff from what runs to what the config wants; empty when they agree.

    Volumes that the image brought are in no config, and no difference.
    """
    kept = tuple(
        one
        for one in runs.spec.volumes
        if one.name != volume_name(wanted.name, one.path) or wanted.spec.covers(one.path)
    )
    before = replace(
        wanted,
        spec=replace(runs.spec, volumes=kept),
        reference=runs.reference,
        users=users if set(users) != set(wanted.users) else wanted.users,
    )
    lines = unified_diff(
        declaration(before).splitlines(),
        declaration(wanted).splitlines(),
        fromfile=f"version {runs.number}",
        tofile=config,
        lineterm="",
    )
    return clean("\n".join(lines))
