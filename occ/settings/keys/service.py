"""`[services.NAME]`: the keys, in the order of the settings page."""

from collections.abc import Mapping
from functools import partial
from typing import Final, get_args

from occ.domain.schedules.auto import Auto
from occ.domain.spec import Build, Health, Limits
from occ.domain.values import ACCOUNT_NAME, REFERENCE, Json
from occ.domain.values import SERVICE as SERVICE_NAME
from occ.settings.keys import engine, forms, measures, readers, short_syntax
from occ.settings.keys.accounts import accounts
from occ.settings.keys.asked import ASKED
from occ.settings.keys.auto import AUTO, auto
from occ.settings.keys.build import BUILD, build
from occ.settings.keys.choices import HoldAfterRollback, ProvenTimeout, Pull, PutBack, Snapshotting
from occ.settings.keys.health import HEALTH, health
from occ.settings.keys.limits import LIMITS, limits
from occ.settings.keys.programs import PROGRAMS
from occ.settings.keys.rehearsal import REHEARSAL
from occ.settings.keys.retention import RETENTION
from occ.settings.keys.setting import Form, Setting, table_of
from occ.settings.toml.node import Node, each


def _engine(node: Node) -> Mapping[str, Json]:
    """Keys of the engine for which occ has no key of its own."""
    ours = {name: row.key for row in SERVICE for name in row.engine_names}
    ours |= {name: f"limits.{row.key}" for row in LIMITS for name in row.engine_names}
    return engine.engine(node, ours)


SERVICE: Final = (
    Setting(
        key="image",
        field="reference",
        form=forms.text(readers.image, REFERENCE),
        default_text="none: it must be written, unless there is a `build`",
        meaning="The image to run, as `registry/name:tag`; with `build`, what its result is "
        "called.",
        engine_names=("Image",),
    ),
    Setting(
        key="container",
        field="called",
        form=forms.text(readers.container, readers.CONTAINER),
        default_text="the service's name",
        meaning="The name of the container, for one that is known by another name than its "
        "service: it may have capitals and `__`.",
    ),
    Setting(
        key="pull",
        form=forms.choice(Pull),
        default_text='`"always"`',
        meaning="When an update asks the registry. An image built on the host has none: `never`.",
    ),
    Setting(
        key="ports",
        form=Form(
            'list of `"[address:]host:container[/protocol]"`',
            each(short_syntax.port),
            short_syntax.texts,
            shape=forms.listed(short_syntax.PORT_FORM),
        ),
        meaning="Published ports. Without an address a port is published on 127.0.0.1 only, "
        "unlike with Docker; `0.0.0.0` opens it to everyone, `*` over IPv6 too.",
        engine_names=("PortBindings", "PublishAllPorts"),
    ),
    Setting(
        key="volumes",
        form=Form(
            'list of `"name:/path[:ro]"`',
            each(short_syntax.volume),
            short_syntax.texts,
            shape=forms.listed(short_syntax.VOLUME_FORM),
        ),
        meaning="Named volumes. A VOLUME of the image that is not listed gets one of its own.",
        engine_names=("Volumes",),
    ),
    Setting(
        key="mounts",
        form=Form(
            'list of `"/host/dir:/path[:ro]"`',
            each(short_syntax.mount),
            short_syntax.texts,
            shape=forms.listed(short_syntax.MOUNT_FORM),
        ),
        meaning="Folders or files of the host; `~` is your home folder.",
    ),
    Setting(
        key="env",
        form=forms.VARIABLES,
        meaning="Variables of the environment. What looks like a secret is refused here, because "
        "the journal keeps them; see `secrets`.",
        engine_names=("Env",),
    ),
    Setting(
        key="labels",
        form=Form("table of texts", readers.labels, shape=readers.LABELS),
        meaning="Labels of the container; those that begin with `occ.` are occ's own.",
        engine_names=("Labels",),
    ),
    Setting(
        key="secrets",
        form=forms.names(readers.secrets, readers.VARIABLE),
        meaning="Variables whose values come from `occ secret set`, or, where it has none, from "
        "the environment of occ. The journal never holds their values. `{{secret:NAME}}` in a text "
        "of `env`, `labels`, `command`, `entrypoint` or `engine` is filled in when a container is "
        "made; a secret that has such a place is a variable only where `env` says so, as "
        '`NAME = "{{secret:NAME}}"`.',
    ),
    Setting(
        key="secrets_file",
        form=forms.path(short_syntax.beside_config, str),
        default_text="the file `NAME.secrets` beside the config",
        meaning="File of `NAME=value` lines, as `docker run --env-file` takes it; a relative path "
        "starts at the config's folder. It must be readable by its owner alone. `occ secret` "
        "reads and writes it.",
    ),
    Setting(
        key="restart",
        form=Form(
            '`"no"`, `"always"`, `"unless-stopped"`, `"on-failure[:N]"`',
            readers.restart,
            shape={"type": "string", "pattern": readers.RESTART},
        ),
        default_text='`"unless-stopped"`',
        meaning="When the engine starts the container again by itself.",
        engine_names=("RestartPolicy",),
    ),
    Setting(
        key="command",
        form=forms.COMMAND,
        default_text="the image's",
        meaning="What the container runs. Others on the host can read a secret that has its "
        "place here.",
        engine_names=("Cmd",),
    ),
    Setting(
        key="entrypoint",
        form=Form("as `command`", readers.command, shape=forms.WORDS),
        default_text="the image's",
        meaning="What `command` is handed to.",
        engine_names=("Entrypoint",),
    ),
    Setting(
        key="user",
        form=Form(
            '`"name"`, `"uid"`, `"name:group"` or `"uid:gid"`',
            readers.user,
            shape={"type": "string", "pattern": readers.USER},
        ),
        default_text="the image's",
        meaning="Who the container's process is.",
        engine_names=("User",),
    ),
    Setting(
        key="networks",
        form=forms.names(readers.networks, readers.NETWORK),
        default_text="the engine's",
        meaning="Networks to join; they must exist.",
        engine_names=("NetworkMode", "NetworkingConfig", "Networks"),
    ),
    Setting(
        key="limits",
        form=Form("table", limits, partial(table_of, LIMITS, Limits()), shape=forms.TABLE),
        default_text="no bounds",
        meaning="See `[services.NAME.limits]`.",
    ),
    Setting(
        key="users",
        field="accounts",
        form=forms.names(accounts, ACCOUNT_NAME, "list of names, or table"),
        meaning="Accounts inside the container that every replacement gets again, ids and "
        "password included, also after a rollback to a version from before them; see `occ user`.",
    ),
    Setting(
        key="stop_timeout",
        field="stop_timeout_ms",
        form=forms.duration('seconds, or text such as `"90s"`'),
        default_text='`"10s"`',
        meaning="How long the container may take to stop before it is killed.",
        engine_names=("StopTimeout",),
    ),
    Setting(
        key="snapshot_volumes",
        form=Form(
            "list of volumes, by name, or folders of the host",
            each(short_syntax.volume_or_folder),
            shape=forms.listed(short_syntax.VOLUME_OR_FOLDER),
        ),
        default_text="all named volumes of the driver `local`",
        meaning="The data that `occ snapshot` takes. A folder of the host belongs to it only where "
        "it is listed here.",
    ),
    Setting(
        key="snapshot_timeout",
        field="snapshot_timeout_ms",
        form=forms.duration('seconds, or text such as `"90s"`'),
        default_text='`"1h"`',
        meaning="How long the data may take to be read before a snapshot is given up.",
    ),
    Setting(
        key="snapshot",
        form=forms.choice(Snapshotting),
        default_text='as `"replace"` up to 1 GiB and 30 s of outage; above, occ asks once',
        meaning="Whether every change that replaces the container takes a snapshot of its data, "
        "between the stop of the old one and the start of the new one. `replace` takes it whatever "
        "the size.",
    ),
    Setting(
        key="snapshot_required",
        form=forms.FLAG,
        default_text="`false`",
        meaning="Nothing is replaced where no snapshot can be taken.",
    ),
    Setting(
        key="put_back",
        form=forms.choice(PutBack),
        default_text='`"restore"`',
        meaning="What becomes of data that a failed replacement has changed, when the old one is "
        "put back: `restore` brings it back from the snapshot, `keep` leaves it.",
    ),
    Setting(
        key="proven_timeout",
        form=Form(
            '`"learned"`, `"timeout"`, or a time such as `"30s"`',
            measures.duration_or(*get_args(ProvenTimeout)),
            measures.duration_or_word,
            shape={
                "anyOf": [
                    {"enum": [*get_args(ProvenTimeout)]},
                    forms.duration_shape(measures.LEAST_WAIT_MS),
                ]
            },
        ),
        default_text='`"learned"`',
        meaning="How long the gate may take at a start that should go as before: of a version that "
        "was proven here, while no other has run on its data since. `learned` is five times the "
        "slowest of its last twenty starts, at least 15 s, and `health.min_healthy` more; "
        "`timeout` is `health.timeout`, which is never exceeded.",
    ),
    Setting(
        key="hold_after_rollback",
        form=forms.choice(HoldAfterRollback),
        default_text='`"until-newer"`',
        meaning="What a rollback keeps away from an update: the image that was left, until there "
        "is a newer one; every other image, until `occ unhold`; or nothing. See "
        "[Unattended](unattended.md).",
    ),
    *RETENTION,
    *REHEARSAL,
    *PROGRAMS,
    *ASKED,
    Setting(
        key="after",
        form=forms.names(readers.after, SERVICE_NAME),
        meaning="Other services of this config that `occ auto run` updates before; where that "
        "fails, this one waits.",
    ),
    Setting(
        key="engine",
        form=Form("table", _engine, shape=engine.SHAPE),
        meaning="Whatever else the engine can be told about a container, under the engine's own "
        "names, as in `ShmSize = 67108864`.",
    ),
    Setting(
        key="health",
        form=Form("table", health, partial(table_of, HEALTH, Health()), shape=forms.TABLE),
        default_text="running steadily",
        meaning="See `[services.NAME.health]`.",
    ),
    Setting(
        key="build",
        form=Form("table", build, partial(table_of, BUILD, Build(context="")), shape=forms.TABLE),
        default_text="the image is pulled",
        meaning="See `[services.NAME.build]`.",
    ),
    Setting(
        key="auto",
        form=Form("table", auto, partial(table_of, AUTO, Auto()), shape=forms.TABLE),
        default_text="only people update it",
        meaning="See `[services.NAME.auto]`.",
    ),
)
