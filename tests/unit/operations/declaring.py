"""A container as an engine tells it, what is derived of it, and that read again as a config."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from occ.engine.values import Container, Image, Inspection
from occ.operations.derive import Derived, derive
from occ.settings import read_service as services
from occ.settings.as_table import table_of
from occ.settings.model import Service
from occ.settings.toml.node import Node, Source

ID = "4f5b" * 16
ANONYMOUS = "ab" * 32
BROUGHT: Mapping[str, Any] = {
    "Env": ["PATH=/bin", "LANG=C"],
    "Cmd": ["serve"],
    "Entrypoint": ["/entry"],
    "WorkingDir": "/srv",
    "User": "app",
    "Labels": {"org.example.base": "1"},
    "ExposedPorts": {"80/tcp": {}},
    "Volumes": {"/data": {}},
    "StopSignal": "SIGQUIT",
    "Healthcheck": {"Test": ["CMD", "true"], "Interval": 30},
}
# What engine 20.10 tells of a container of which nothing was said.
PLAIN_CONFIG: Mapping[str, Any] = {
    "Hostname": ID[:12],
    "Domainname": "",
    "AttachStdout": True,
    "Tty": False,
    "Image": "example.test/web:1",
    **BROUGHT,
}
PLAIN_HOST: Mapping[str, Any] = {
    "Binds": None,
    "LogConfig": {"Type": "json-file", "Config": {}},
    "NetworkMode": "default",
    "PortBindings": {},
    "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    "CgroupnsMode": "host",
    "IpcMode": "private",
    "Dns": [],
    "OomScoreAdj": 0,
    "Runtime": "runc",
    "ConsoleSize": [0, 0],
    "ShmSize": 67108864,
    "MemorySwappiness": None,
    "OomKillDisable": False,
    "PidsLimit": None,
    "MaskedPaths": ["/proc/asound", "/proc/kcore"],
    "ReadonlyPaths": ["/proc/bus", "/proc/sysrq-trigger"],
}
USUAL: Mapping[str, str] = {
    "CgroupnsMode": "host",
    "Runtime": "runc",
    "LogDriver": "json-file",
    "Hostname": "machine",
}
IMAGE = Image(
    id="sha256:one",
    references=("example.test/web:1",),
    digests=("example.test/web@sha256:" + "1" * 64,),
    volumes=("/data",),
)
DATA = {
    "Type": "volume",
    "Name": ANONYMOUS,
    "Destination": "/data",
    "RW": True,
}


def declared(
    config: Mapping[str, Any] | None = None,
    host: Mapping[str, Any] | None = None,
    mounts: tuple[Mapping[str, Any], ...] = (),
    state: Any = "running",
    **more: Any,
) -> Inspection:
    labels = {**PLAIN_CONFIG, **(config or {})}["Labels"]
    container = Container(id=ID, name="web", image="sha256:one", state=state, labels=labels)
    return Inspection(
        container=container,
        config={**PLAIN_CONFIG, **(config or {})},
        host={**PLAIN_HOST, **(host or {})},
        mounts=mounts,
        **{
            "networks": {"bridge": {"Aliases": None}},
            "image": IMAGE,
            "image_config": BROUGHT,
            "usual": USUAL,
            **more,
        },
    )


def derived(*args: Any, **more: Any) -> Derived:
    return derive(declared(*args, **more), "web", free=lambda _: True)


def reread(found: Derived) -> Service:
    """The config's own reader on what would be written."""
    service = Service(
        name="web",
        reference=found.reference,
        spec=found.spec,
        secrets_file=Path("/x/web.secrets") if found.secrets else None,
    )
    source = Source(Path("/x/config.toml"))
    return services.read(Node(source, ("services", "web"), table_of(service)))
