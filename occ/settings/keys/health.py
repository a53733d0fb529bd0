"""`[services.NAME.health]`: the keys, and how they become the gate of a service."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from occ.domain.secrecy import clean
from occ.domain.spec import Health, Port
from occ.settings.keys import measures, names
from occ.settings.keys.key_table import Setting, Table
from occ.settings.toml.node import Node

_WITHOUT = Health()
_DURATION = 'seconds, or text such as `"90s"`, `"2m"`, `"500ms"`'
_SHORTEST_MS = 100  # as long as the wait for the first probe
_PATH = re.compile(r"/[!-~]*")  # what an HTTP request line can carry: no blanks, ASCII only
_FIELD = re.compile(r"[\w-]+(?:\.[\w-]+)*")


def _path(node: Node) -> str:
    found = names.text(node)
    if not _PATH.fullmatch(found) or "#" in found:
        if "://" in found:
            raise node.bad("only the path is wanted", 'write it without scheme and host: "/health"')
        raise node.bad("it is no path", 'begin with /, without blanks: "/health"')
    if clean(found) != found:
        raise node.bad(
            "it looks like a secret, and the journal would keep it",
            'ask a path that needs none: "/health"',
        )
    return found


def _field(node: Node) -> str:
    found = names.text(node)
    if not _FIELD.fullmatch(found):
        raise node.bad("it is no field of JSON", 'write its name, as in "version" or "app.version"')
    return found


def _duration(node: Node) -> int:
    return measures.duration(node)


def _wait(node: Node) -> int:
    return measures.duration(node, low=_SHORTEST_MS)


PATH: Final = Setting(
    key="path",
    kind="text",
    default=_WITHOUT.path,
    default_text="no probe",
    meaning="Path that is asked over HTTP until it answers well for `min_healthy`. Without it the "
    "gate is that the container runs without a restart, and the image's HEALTHCHECK.",
    read=_path,
)
PORT: Final = Setting(
    key="port",
    kind="whole number",
    default=_WITHOUT.port,
    default_text="the only published tcp port",
    meaning="The container's port on which `path` is asked.",
    read=names.whole(1, 65_535),
)
EXPECT_STATUS: Final = Setting(
    key="expect_status",
    kind="whole number",
    default=_WITHOUT.expect_status,
    default_text="`200`",
    meaning="The HTTP status of a good answer.",
    read=names.whole(100, 599),
)
VERSION_FIELD: Final = Setting(
    key="version_field",
    kind="text",
    default=_WITHOUT.version_field,
    default_text="none",
    meaning="Field of the JSON answer that holds the running version; dots lead inwards.",
    read=_field,
)
VERSION_LABEL: Final = Setting(
    key="version_label",
    kind="text",
    default=_WITHOUT.version_label,
    default_text="none",
    meaning="Label of the image that the reported version must equal, a leading v ignored. Without "
    "it the version is recorded and not judged, because labels are inherited from base images.",
    read=names.text,
)
INTERVAL: Final = Setting(
    key="interval",
    kind=_DURATION,
    default=_WITHOUT.interval_ms,
    default_text='`"1s"`',
    meaning="Time between two probes.",
    read=_wait,
)
TIMEOUT: Final = Setting(
    key="timeout",
    kind=_DURATION,
    default=_WITHOUT.timeout_ms,
    default_text='`"2m"`',
    meaning="How long the gate may take; longer where its HEALTHCHECK, the image's or one "
    "declared, needs longer.",
    read=_wait,
)
MIN_HEALTHY: Final = Setting(
    key="min_healthy",
    kind=_DURATION,
    default=_WITHOUT.min_healthy_ms,
    default_text='`"10s"`',
    meaning="How long every probe must be good without a break.",
    read=_duration,
)
RESTARTS_ALLOWED: Final = Setting(
    key="restarts_allowed",
    kind="whole number",
    default=_WITHOUT.restarts_allowed,
    default_text="`0`",
    meaning="How often the container may restart during the gate.",
    read=names.whole(0, 1000),
)

HEALTH: Final[tuple[Setting[object], ...]] = (
    PATH,
    PORT,
    EXPECT_STATUS,
    VERSION_FIELD,
    VERSION_LABEL,
    INTERVAL,
    TIMEOUT,
    MIN_HEALTHY,
    RESTARTS_ALLOWED,
)


def health(node: Node) -> Health:
    """The gate as written; where `port` is missing it is 0, see `with_port`."""
    table = Table.of(node, HEALTH, 'health = { path = "/health" }')
    found = Health(
        path=table.take(PATH),
        port=table.take(PORT),
        expect_status=table.take(EXPECT_STATUS),
        version_field=table.take(VERSION_FIELD),
        version_label=table.take(VERSION_LABEL),
        interval_ms=table.take(INTERVAL),
        timeout_ms=table.take(TIMEOUT),
        min_healthy_ms=table.take(MIN_HEALTHY),
        restarts_allowed=table.take(RESTARTS_ALLOWED),
    )
    for needy, needed in (
        (PORT, PATH),
        (EXPECT_STATUS, PATH),
        (VERSION_FIELD, PATH),
        (VERSION_LABEL, VERSION_FIELD),
    ):
        if table.has(needy) and not table.has(needed):
            wrong = f"it has no meaning without {needed.key}"
            raise table.at(needy).bad(wrong, f"add {needed.key}, or take this out")
    if found.min_healthy_ms >= found.timeout_ms:
        least = measures.in_words(found.min_healthy_ms)
        where = MIN_HEALTHY if table.has(MIN_HEALTHY) else TIMEOUT
        limit = measures.in_words(found.timeout_ms)
        raise table.at(where).bad(
            "the gate could never pass",
            f"min_healthy ({least}) must be less than timeout ({limit})",
        )
    return found


def with_port(gate: Health, node: Node, ports: Sequence[Port]) -> Health:
    """The gate with the port filled in: that of the only published tcp port.

    Raises:
        ConfigError: there is a path to ask, and none or several ports that could be meant.
    """
    if not gate.path or gate.port:
        return gate
    published = sorted({port.container for port in ports if port.protocol == "tcp"})
    if len(published) == 1:
        return replace(gate, port=published[0])
    listed = ", ".join(str(port) for port in published)
    path = next(entry for entry in node.entries("") if entry.path[-1] == PATH.key)
    raise path.bad(
        f"the service publishes several tcp ports ({listed})"
        if published
        else "the service publishes no tcp port",
        f"add port = {published[0] if published else 3000}, the container's, beside it",
    )
