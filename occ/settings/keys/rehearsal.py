"""`[services.NAME]`: the keys that say how a version is tried beside the service."""

from typing import Final, Literal, TypeAlias

from occ.domain.rehearsal import Copy
from occ.settings.keys import forms, readers
from occ.settings.keys.setting import Setting

Binds: TypeAlias = Literal["ro"]

REHEARSAL: Final = (
    Setting(
        key="rehearse",
        form=forms.FLAG,
        default_text="`false`",
        meaning="Every update first runs the new version beside the old one, on a copy of the "
        "data; one that fails there costs no outage. See [Rehearsal](rehearsal.md).",
    ),
    Setting(
        key="rehearse_required",
        form=forms.FLAG,
        default_text="`false`",
        meaning="Nothing is updated unless it has passed a rehearsal.",
    ),
    Setting(
        key="rehearse_data",
        form=forms.choice(Copy),
        default_text='as `"paused"` while that takes under 5 s, else `"snapshot"`',
        meaning="Where the copy comes from: read while the service is frozen; the newest snapshot; "
        "read while the service writes, which may be torn; or empty volumes.",
    ),
    Setting(
        key="rehearse_binds",
        form=forms.choice(Binds),
        default_text="a service with folders of the host is not rehearsed",
        meaning="Folders and files of the host are mounted in a rehearsal, read-only.",
    ),
    Setting(
        key="rehearse_networks",
        form=forms.names(readers.joined, readers.NETWORK),
        default_text="none: it reaches nothing",
        meaning="Networks that a rehearsed version joins, such as that of its database. What it "
        "does there is done to the real one.",
    ),
    Setting(
        key="rehearse_env",
        form=forms.VARIABLES,
        meaning="Variables that a rehearsed version has in place of those of `env`.",
    ),
    Setting(
        key="rehearse_secrets",
        form=forms.names(readers.secrets, readers.VARIABLE),
        default_text="all of the service's",
        meaning="The secrets that a rehearsed version gets, of those under `secrets`.",
    ),
    Setting(
        key="rehearse_check",
        form=forms.COMMAND,
        default_text="the gate alone",
        meaning="A program that is run inside the rehearsed container after its gate: 0 lets it "
        "pass, 75 says that it cannot know, all else fails it.",
    ),
)
