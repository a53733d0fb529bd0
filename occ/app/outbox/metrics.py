"""Metrics for Prometheus, by its own client library: times of what happened, and no ages.

A label is the name of a service, a target or a kind of operation, and nothing that a person wrote.
"""

from pathlib import Path
from typing import Any

from occ import own_files
from occ.app.desk import Desk
from occ.app.outbox.observing import Seen, observed
from occ.errors import ConfigError

MISSING = "pip install 'occ-journal[metrics]'"
_READABLE = 0o644
_SERVICE, _TARGET = ("service",), ("target",)


def metrics(desk: Desk) -> str:
    """The metrics as text.

    Raises:
        ConfigError: the library is not installed.
        JournalError: the journal cannot be read.
    """
    return rendered(observed(desk))


def write(desk: Desk, file: Path) -> None:
    """Have a file with the metrics, whole or as before, which others may read.

    Raises:
        ConfigError: it cannot be written, or the library is not installed.
        JournalError: the journal cannot be read.
    """
    text = metrics(desk)
    try:
        with own_files.folder_of(file) as (folder, name):
            folder.write(name, text.encode(), mode=_READABLE)
    except OSError as error:
        raise ConfigError(
            f"the metrics cannot be written to {file}: {error.strerror}",
            hint=f"ls -ld {file.parent}",
        ) from None


def rendered(seen: Seen) -> str:
    """The text of what was seen."""
    client = _library()
    registry = client.CollectorRegistry()

    def gauge(name: str, meaning: str, labels: tuple[str, ...] = _SERVICE) -> Any:  # noqa: ANN401 - the library's
        return client.Gauge(f"occ_{name}", meaning, labels, registry=registry)

    up = gauge("up", "Whether the service's container runs, as it was observed.")
    up_at = gauge("up_observed_timestamp_seconds", "When the service was looked at last.")
    version = gauge("version_current", "The number of the version that is current.")
    ended = gauge(
        "last_operation_timestamp_seconds",
        "When the last operation ended that changed something, or was to.",
        ("service", "kind"),
    )
    good = gauge("last_operation_success", "Whether that operation was done.")
    down = gauge("last_downtime_seconds", "The downtime of the last operation that had one.")
    unfinished = gauge("unfinished", "Whether an operation is unfinished.")
    since = gauge("unfinished_since_timestamp_seconds", "When that operation was planned.")
    snapshot = gauge("snapshot_timestamp_seconds", "When the newest snapshot was taken.")
    held = gauge("held", "Whether occ hold keeps newer images away.")
    newer = gauge(
        "update_available_since_timestamp_seconds",
        "Since when a newer image is known, where auto.min_age counts.",
    )
    for one in seen.services:
        name = one.service
        if one.up is not None:
            up.labels(name).set(int(one.up))
            up_at.labels(name).set(_seconds(one.up_at))
        version.labels(name).set(one.version)
        held.labels(name).set(int(one.held))
        unfinished.labels(name).set(int(one.unfinished_since is not None))
        if one.ended_at is not None:
            ended.labels(name, one.kind).set(_seconds(one.ended_at))
            good.labels(name).set(int(one.good))
        for metric, value in (
            (down, one.downtime_ms),
            (since, one.unfinished_since),
            (snapshot, one.snapshot_at),
            (newer, one.update_since),
        ):
            if value is not None:
                metric.labels(name).set(_seconds(value))
    waiting = gauge("notify_waiting", "Messages that a target has not had yet.", _TARGET)
    told = gauge(
        "notify_delivered_timestamp_seconds", "When a target took its last message.", _TARGET
    )
    for target in seen.targets:
        waiting.labels(target.target).set(target.waiting)
        if target.delivered_at:
            told.labels(target.target).set(_seconds(target.delivered_at))
    if seen.auto_ran_at is not None:
        ran = gauge("auto_run_timestamp_seconds", "When occ auto run ran last; 0 for never.", ())
        ran.set(_seconds(seen.auto_ran_at))
    written = gauge("metrics_timestamp_seconds", "When these metrics were made.", ())
    written.set(_seconds(seen.at))
    text: bytes = client.generate_latest(registry)
    return text.decode()


def _seconds(ms: int) -> float:
    return ms / 1000


def _library() -> Any:  # noqa: ANN401 - a module of an extra
    try:
        import prometheus_client  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(
            "metrics need a library that is not installed here", hint=MISSING
        ) from None
    return prometheus_client
