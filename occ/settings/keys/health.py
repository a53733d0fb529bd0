"""`[services.NAME.health]`: the keys, and how they become a service's gate."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from occ.domain.secrets.secrecy import clean
from occ.domain.spec import Health, Port
from occ.settings.keys import forms, measures, probe, readers
from occ.settings.keys.choices import Scheme
from occ.settings.keys.setting import Form, Setting, Table
from occ.settings.toml.node import Node

_DURATION = 'seconds, or text such as `"90s"`, `"2m"`, `"500ms"`'
PATH = re.compile(r"/[!-~]*")  # what an HTTP request line can carry: no blanks, ASCII only
_FIELD = re.compile(r"[\w-]+(?:\.[\w-]+)*")


def path(node: Node) -> str:
    """A path that is asked over HTTP.

    Raises:
        ConfigError: it is no path, or holds a secret.
    """
    found = readers.text(node)
    if not PATH.fullmatch(found) or "#" in found:
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
    found = readers.text(node)
    if not _FIELD.fullmatch(found):
        raise node.bad("it is no field of JSON", 'write its name, as in "version" or "app.version"')
    return found


HEALTH: Final = (
    Setting(
        key="path",
        form=forms.text(path, PATH),
        default_text="no probe",
        meaning="Path that is asked over HTTP until it answers well for `min_healthy`. Without it "
        "the gate is that the container runs without a restart, and the image's HEALTHCHECK.",
    ),
    Setting(
        key="port",
        form=forms.whole(1, 65_535),
        default_text="the only published tcp port",
        meaning="The container's port on which `path` is asked.",
    ),
    Setting(
        key="expect_status",
        form=forms.whole(100, 599),
        default_text="`200`",
        meaning="The HTTP status of a good answer.",
    ),
    Setting(
        key="version_field",
        form=forms.text(_field, _FIELD),
        meaning="Field of the JSON answer that holds the running version; dots lead inwards.",
    ),
    Setting(
        key="version_label",
        form=forms.text(readers.text),
        meaning="Label of the image that the reported version must equal, a leading v ignored. "
        "Without it the version is recorded and not judged, because labels are inherited from "
        "base images.",
    ),
    Setting(
        key="interval",
        field="interval_ms",
        form=forms.duration(_DURATION, low=measures.LEAST_WAIT_MS),
        default_text='`"1s"`',
        meaning="Time between two probes.",
    ),
    Setting(
        key="timeout",
        field="timeout_ms",
        form=forms.duration(_DURATION, low=measures.LEAST_WAIT_MS),
        default_text='`"2m"`',
        meaning="How long the gate may take; longer where its HEALTHCHECK, the image's or one "
        "declared, needs longer, up to an hour.",
    ),
    Setting(
        key="min_healthy",
        field="min_healthy_ms",
        form=forms.duration(_DURATION),
        default_text='`"10s"`',
        meaning="How long every probe must be good without a break.",
    ),
    Setting(
        key="restarts_allowed",
        form=forms.whole(0, 1000),
        default_text="`0`",
        meaning="How often the container may end and start again during the gate. A replacement "
        "has no restart policy before it is proven, so occ starts it again, as its `restart` would "
        "and with the same pauses; every try is in the journal, and has the whole of `timeout`. "
        "`0`: an exit is final.",
    ),
    Setting(
        key="probe_timeout",
        field="probe_timeout_ms",
        form=forms.duration(_DURATION, low=measures.LEAST_WAIT_MS),
        default_text='`"2s"`',
        meaning="How long one probe is waited for.",
    ),
    Setting(
        key="auth",
        form=Form(
            'table: `{ user = "...", secret = "NAME" }`',
            probe.login,
            probe.login_table,
            shape=probe.LOGIN,
        ),
        default_text="none; for opencode see below",
        meaning="The login that the probe carries (HTTP Basic): a user, and the name of the secret "
        "whose value is the password. It goes to the container's own address or published port "
        "alone.",
    ),
    Setting(
        key="headers",
        form=Form("table of texts", probe.headers, shape=probe.HEADERS),
        meaning="Headers that the probe carries. `{{secret:NAME}}` stands for a secret's value.",
    ),
    Setting(
        key="host",
        form=forms.text(probe.host, probe.HOST),
        default_text='`"localhost"`',
        meaning="The name that the probe asks for (`Host`), which the certificate must have.",
    ),
    Setting(
        key="scheme",
        form=forms.choice(Scheme),
        default_text='`"http"`',
        meaning="How the service speaks.",
    ),
    Setting(
        key="ca_file",
        form=forms.path(probe.file),
        default_text="the certificates that this machine trusts",
        meaning="File with the certificates (PEM) that the service's own is checked by.",
    ),
    Setting(
        key="insecure",
        form=forms.FLAG,
        default_text="`false`",
        meaning="Whether any certificate is taken.",
    ),
    Setting(
        key="expect_body",
        form=forms.text(probe.plain_text),
        default_text="any",
        meaning="Text that a good answer holds in its first 64 KiB.",
    ),
)
OF_THE_PATH: Final = (
    *("port", "expect_status", "version_field", "version_label", "probe_timeout", "auth"),
    *("headers", "host", "scheme", "ca_file", "insecure", "expect_body"),
)
"""The keys that mean nothing without `path`."""


def health(node: Node) -> Health:
    """The gate as written; where `port` is missing it is 0, see `with_port`.

    Raises:
        ConfigError: something in it cannot be used.
    """
    table = Table.of(node, HEALTH, 'health = { path = "/health" }')
    found = Health(**table.values_of(Health))
    for needy, needed in (
        *((key, "path") for key in OF_THE_PATH if key != "version_label"),
        ("version_label", "version_field"),
    ):
        if table.has(needy) and not table.has(needed):
            wrong = f"it has no meaning without {needed}"
            raise table.at(needy).bad(wrong, f"add {needed}, or take this out")
    for key in ("ca_file", "insecure"):
        if getattr(found, key) and found.scheme != "https":
            raise table.at(key).bad("it has no meaning over http", 'add scheme = "https"')
    if found.ca_file and found.insecure:
        raise table.at("insecure").bad("then ca_file has no meaning", "take one of the two out")
    if found.min_healthy_ms >= found.timeout_ms:
        least = measures.in_words(found.min_healthy_ms)
        where = "min_healthy" if table.has("min_healthy") else "timeout"
        limit = measures.in_words(found.timeout_ms)
        raise table.at(where).bad(
            "the gate could never pass",
            f"min_healthy ({least}) must be less than timeout ({limit})",
        )
    return found


def with_port(gate: Health, node: Node, ports: Sequence[Port]) -> Health:
    """The gate with the port filled in: that of the only published tcp port.

    Raises:
        ConfigError: there is a path to ask, and no port or several that could be meant.
    """
    if not gate.path or gate.port:
        return gate
    published = sorted({port.container for port in ports if port.protocol == "tcp"})
    if len(published) == 1:
        return replace(gate, port=published[0])
    listed = ", ".join(str(port) for port in published)
    asked = next(entry for entry in node.entries("") if entry.path[-1] == "path")
    raise asked.bad(
        f"the service publishes several tcp ports ({listed})"
        if published
        else "the service publishes no tcp port",
        f"add port = {published[0] if published else 3000}, the container's, beside it",
    )
