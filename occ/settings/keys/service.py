"""`[services.NAME]`: the keys."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from occ.domain.spec import Build, Health, Limits, Mount, Port, Spec, Volume
from occ.domain.values import Json
from occ.settings.keys import build as builds
from occ.settings.keys import engine, measures, names, short_syntax
from occ.settings.keys import health as gates
from occ.settings.keys import limits as bounds
from occ.settings.keys.accounts import Accounts, accounts
from occ.settings.keys.key_table import Setting
from occ.settings.toml.node import Node, each

_WITHOUT = Spec()


def _file(node: Node) -> Path:
    return node.source.file.parent / short_syntax.expand(node, names.text(node))


IMAGE: Final = Setting[str](
    key="image",
    kind="text",
    default="",
    default_text="none: it must be written, unless there is a `build`",
    meaning="The image to run, as `registry/name:tag`; with `build`, what its result is called.",
    read=names.image,
)
PULL: Final = Setting[names.Pull](
    key="pull",
    kind='`"always"`, `"missing"` or `"never"`',
    default="always",
    default_text='`"always"`',
    meaning="When an update asks the registry. An image built on the host has none: `never`.",
    read=names.one_of(names.PULLS),
)
PORTS: Final = Setting[tuple[Port, ...]](
    key="ports",
    kind='list of `"[address:]host:container[/protocol]"`',
    default=_WITHOUT.ports,
    default_text="none",
    meaning="Published ports. Without an address a port is published on 127.0.0.1 only, unlike "
    "with Docker; `0.0.0.0` opens it to everyone, `*` over IPv6 too.",
    read=each(short_syntax.port),
)
VOLUMES: Final = Setting[tuple[Volume, ...]](
    key="volumes",
    kind='list of `"name:/path[:ro]"`',
    default=_WITHOUT.volumes,
    default_text="none",
    meaning="Named volumes. A VOLUME of the image that is not listed gets one of its own.",
    read=each(short_syntax.volume),
)
MOUNTS: Final = Setting[tuple[Mount, ...]](
    key="mounts",
    kind='list of `"/host/dir:/path[:ro]"`',
    default=_WITHOUT.mounts,
    default_text="none",
    meaning="Folders or files of the host; `~` is your home folder.",
    read=each(short_syntax.mount),
)
ENV: Final = Setting[Mapping[str, str]](
    key="env",
    kind="table of texts",
    default=_WITHOUT.env,
    default_text="none",
    meaning="Variables of the environment. What looks like a secret is refused here, because the "
    "journal keeps them; see `secrets`.",
    read=names.env,
)
LABELS: Final = Setting[Mapping[str, str]](
    key="labels",
    kind="table of texts",
    default=_WITHOUT.labels,
    default_text="none",
    meaning="Labels of the container; those that begin with `occ.` are occ's own.",
    read=names.labels,
)
SECRETS: Final = Setting[tuple[str, ...]](
    key="secrets",
    kind="list of names",
    default=_WITHOUT.secrets,
    default_text="none",
    meaning="Variables whose values come from `occ secret set`, or, where it has none, from the "
    "environment of occ. The journal never holds their values.",
    read=names.secrets,
)
SECRETS_FILE: Final = Setting[Path | None](
    key="secrets_file",
    kind="path",
    default=None,
    default_text="the file `NAME.secrets` beside the config",
    meaning="File of `NAME=value` lines, as `docker run --env-file` takes it; a relative path "
    "starts at the config's folder. It must be readable by its owner alone. `occ secret` reads "
    "and writes it.",
    read=_file,
)
RESTART: Final = Setting[str](
    key="restart",
    kind='`"no"`, `"always"`, `"unless-stopped"`, `"on-failure[:N]"`',
    default=_WITHOUT.restart,
    default_text='`"unless-stopped"`',
    meaning="When the engine starts the container again by itself.",
    read=names.restart,
)
COMMAND: Final = Setting[tuple[str, ...]](
    key="command",
    kind="list of words, or text that is split as a shell splits it",
    default=_WITHOUT.command,
    default_text="the image's",
    meaning="What the container runs. `{{secret:NAME}}` in a word is the place of a secret's "
    "value, which is then no variable of the environment; others on the host can read it there.",
    read=names.command,
)
ENTRYPOINT: Final = Setting[tuple[str, ...]](
    key="entrypoint",
    kind="as `command`",
    default=_WITHOUT.entrypoint,
    default_text="the image's",
    meaning="What `command` is handed to.",
    read=names.command,
)
USER: Final = Setting[str](
    key="user",
    kind='`"name"`, `"uid"`, `"name:group"` or `"uid:gid"`',
    default=_WITHOUT.user,
    default_text="the image's",
    meaning="Who the container's process is.",
    read=names.user,
)
NETWORKS: Final = Setting[tuple[str, ...]](
    key="networks",
    kind="list of names",
    default=_WITHOUT.networks,
    default_text="the engine's",
    meaning="Networks to join; they must exist.",
    read=names.networks,
)
LIMITS: Final = Setting[Limits](
    key="limits",
    kind="table",
    default=_WITHOUT.limits,
    default_text="no bounds",
    meaning="See `[services.NAME.limits]`.",
    read=bounds.limits,
)
USERS: Final = Setting[Accounts](
    key="users",
    kind="list of names, or table",
    default=Accounts(),
    default_text="none",
    meaning="Accounts inside the container that every replacement gets again, ids and password "
    "included, also after a rollback to a version from before them; see `occ user`.",
    read=accounts,
)
STOP_TIMEOUT: Final = Setting[int](
    key="stop_timeout",
    kind='seconds, or text such as `"90s"`',
    default=_WITHOUT.stop_timeout_ms,
    default_text='`"10s"`',
    meaning="How long the container may take to stop before it is killed.",
    read=measures.duration,
)
ENGINE: Final = Setting[Mapping[str, Json]](
    key="engine",
    kind="table",
    default=_WITHOUT.engine,
    default_text="none",
    meaning="Whatever else the engine can be told about a container, under the engine's own names, "
    "as in `ShmSize = 67108864`.",
    read=engine.engine,
)
HEALTH: Final = Setting[Health](
    key="health",
    kind="table",
    default=_WITHOUT.health,
    default_text="running steadily",
    meaning="See `[services.NAME.health]`.",
    read=gates.health,
)

BUILD: Final = Setting[Build | None](
    key="build",
    kind="table",
    default=None,
    default_text="the image is pulled",
    meaning="See `[services.NAME.build]`.",
    read=builds.build,
)

SERVICE: Final[tuple[Setting[object], ...]] = (
    IMAGE,
    PULL,
    PORTS,
    VOLUMES,
    MOUNTS,
    ENV,
    LABELS,
    SECRETS,
    SECRETS_FILE,
    RESTART,
    COMMAND,
    ENTRYPOINT,
    USER,
    NETWORKS,
    LIMITS,
    USERS,
    STOP_TIMEOUT,
    ENGINE,
    HEALTH,
    BUILD,
)
