"""`[services.NAME]`: the keys, in the order of the settings page."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from occ.domain.spec import Build, Health, Limits
from occ.domain.values import Json
from occ.settings.keys import engine, measures, readers, short_syntax
from occ.settings.keys.accounts import accounts
from occ.settings.keys.build import BUILD, build
from occ.settings.keys.choices import Pull, one_of
from occ.settings.keys.health import HEALTH, health
from occ.settings.keys.limits import LIMITS, limits
from occ.settings.keys.setting import Setting, table_of
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
        form="text",
        default_text="none: it must be written, unless there is a `build`",
        meaning="The image to run, as `registry/name:tag`; with `build`, what its result is "
        "called.",
        read=readers.image,
        engine_names=("Image",),
    ),
    Setting(
        key="pull",
        form='`"always"`, `"missing"` or `"never"`',
        default_text='`"always"`',
        meaning="When an update asks the registry. An image built on the host has none: `never`.",
        read=one_of(Pull),
    ),
    Setting(
        key="ports",
        form='list of `"[address:]host:container[/protocol]"`',
        default_text="none",
        meaning="Published ports. Without an address a port is published on 127.0.0.1 only, "
        "unlike with Docker; `0.0.0.0` opens it to everyone, `*` over IPv6 too.",
        read=each(short_syntax.port),
        write=short_syntax.texts,
        engine_names=("PortBindings", "PublishAllPorts"),
    ),
    Setting(
        key="volumes",
        form='list of `"name:/path[:ro]"`',
        default_text="none",
        meaning="Named volumes. A VOLUME of the image that is not listed gets one of its own.",
        read=each(short_syntax.volume),
        write=short_syntax.texts,
        engine_names=("Volumes",),
    ),
    Setting(
        key="mounts",
        form='list of `"/host/dir:/path[:ro]"`',
        default_text="none",
        meaning="Folders or files of the host; `~` is your home folder.",
        read=each(short_syntax.mount),
        write=short_syntax.texts,
    ),
    Setting(
        key="env",
        form="table of texts",
        default_text="none",
        meaning="Variables of the environment. What looks like a secret is refused here, because "
        "the journal keeps them; see `secrets`.",
        read=readers.env,
        engine_names=("Env",),
    ),
    Setting(
        key="labels",
        form="table of texts",
        default_text="none",
        meaning="Labels of the container; those that begin with `occ.` are occ's own.",
        read=readers.labels,
        engine_names=("Labels",),
    ),
    Setting(
        key="secrets",
        form="list of names",
        default_text="none",
        meaning="Variables whose values come from `occ secret set`, or, where it has none, from "
        "the environment of occ. The journal never holds their values.",
        read=readers.secrets,
    ),
    Setting(
        key="secrets_file",
        form="path",
        default_text="the file `NAME.secrets` beside the config",
        meaning="File of `NAME=value` lines, as `docker run --env-file` takes it; a relative path "
        "starts at the config's folder. It must be readable by its owner alone. `occ secret` "
        "reads and writes it.",
        read=short_syntax.beside_config,
        write=str,
    ),
    Setting(
        key="restart",
        form='`"no"`, `"always"`, `"unless-stopped"`, `"on-failure[:N]"`',
        default_text='`"unless-stopped"`',
        meaning="When the engine starts the container again by itself.",
        read=readers.restart,
        engine_names=("RestartPolicy",),
    ),
    Setting(
        key="command",
        form="list of words, or text that is split as a shell splits it",
        default_text="the image's",
        meaning="What the container runs. `{{secret:NAME}}` in a word is the place of a secret's "
        "value, which is then no variable of the environment; others on the host can read it "
        "there.",
        read=readers.command,
        engine_names=("Cmd",),
    ),
    Setting(
        key="entrypoint",
        form="as `command`",
        default_text="the image's",
        meaning="What `command` is handed to.",
        read=readers.command,
        engine_names=("Entrypoint",),
    ),
    Setting(
        key="user",
        form='`"name"`, `"uid"`, `"name:group"` or `"uid:gid"`',
        default_text="the image's",
        meaning="Who the container's process is.",
        read=readers.user,
        engine_names=("User",),
    ),
    Setting(
        key="networks",
        form="list of names",
        default_text="the engine's",
        meaning="Networks to join; they must exist.",
        read=readers.networks,
        engine_names=("NetworkMode", "NetworkingConfig", "Networks"),
    ),
    Setting(
        key="limits",
        form="table",
        default_text="no bounds",
        meaning="See `[services.NAME.limits]`.",
        read=limits,
        write=partial(table_of, LIMITS, Limits()),
    ),
    Setting(
        key="users",
        field="accounts",
        form="list of names, or table",
        default_text="none",
        meaning="Accounts inside the container that every replacement gets again, ids and "
        "password included, also after a rollback to a version from before them; see `occ user`.",
        read=accounts,
    ),
    Setting(
        key="stop_timeout",
        field="stop_timeout_ms",
        form='seconds, or text such as `"90s"`',
        default_text='`"10s"`',
        meaning="How long the container may take to stop before it is killed.",
        read=measures.duration,
        write=measures.duration_text,
        engine_names=("StopTimeout",),
    ),
    Setting(
        key="engine",
        form="table",
        default_text="none",
        meaning="Whatever else the engine can be told about a container, under the engine's own "
        "names, as in `ShmSize = 67108864`.",
        read=_engine,
    ),
    Setting(
        key="health",
        form="table",
        default_text="running steadily",
        meaning="See `[services.NAME.health]`.",
        read=health,
        write=partial(table_of, HEALTH, Health()),
    ),
    Setting(
        key="build",
        form="table",
        default_text="the image is pulled",
        meaning="See `[services.NAME.build]`.",
        read=build,
        write=partial(table_of, BUILD, Build(context="")),
    ),
)
