"""A machine with a systemd of its own: a container of a private engine with this machine's /usr.

Its clock is this machine's and is never set. It sees the engine and the box of a test at their
places.
"""

import io
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import docker

from tests.box import Box, Done
from tests.testbed.engine import PrivateEngine
from tests.testbed.machine import prepare
from tests.testbed.waiting import until

PACKAGES = {"systemd": "/lib/systemd/systemd", "dbus": "/usr/bin/dbus-daemon"}
IMAGE = "occ-test-systemd:latest"
_ROOT = Path(__file__).parents[2]
_ETC = (
    *("passwd", "group", "nsswitch.conf", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "dbus-1"),
    *("alternatives", "pam.d", "login.defs", "os-release", "ssl", "localtime"),
)
_FOLDERS = ("proc", "sys", "dev", "run", "tmp", "root", "var/lib", "var/log", "etc")
_LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
_LINKS |= {"var/run": "/run"}
# The folders of a test may be in /tmp, and nothing there is to be hidden or cleaned.
_MASKED = ("tmp.mount", "systemd-tmpfiles-setup.service", "systemd-tmpfiles-clean.timer")
# Stands in for the engine's unit, which boots with a real machine; the engine itself is the test's.
_STUB = """\
[Unit]
Description=The engine
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
[Install]
WantedBy=multi-user.target
"""
_FILES = {
    "etc/machine-id": "",
    "etc/hostname": "machine\n",
    "etc/systemd/system/docker.service": _STUB,
}
_SECURITY = ("seccomp=unconfined", "apparmor=unconfined")


@dataclass
class Machine:
    """One machine; `with` boots it, and leaves nothing."""

    engine: PrivateEngine
    box: Box
    name: str
    _client: docker.APIClient | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        prepare(PACKAGES)
        self._client = self.engine.client(timeout=120)
        if not self._client.images(IMAGE):
            self._client.import_image_from_data(
                _tar(), repository=IMAGE.partition(":")[0], tag="latest"
            )
        python = {sys.prefix: "ro", sys.base_prefix: "ro"}  # with /usr, where that is not in it
        seen = {str(_ROOT): "ro", **python, "/usr": "ro", "/sys/fs/cgroup": "rw"}
        seen |= {str(self.engine.folder): "rw", str(self.box.folder): "rw"}
        host = self._client.create_host_config(
            network_mode="host",
            cap_add=["SYS_ADMIN", "NET_ADMIN"],
            security_opt=list(_SECURITY),
            tmpfs={"/run": "", "/run/lock": ""},
            binds=[f"{path}:{path}:{mode}" for path, mode in seen.items()],
        )
        host["CgroupnsMode"] = "host"
        made = self._client.create_container(
            IMAGE,
            ["/lib/systemd/systemd", "--log-target=console"],
            name=self.name,
            host_config=host,
            stop_signal="SIGRTMIN+3",
            environment={"container": "docker"},
        )
        self._id = made["Id"]
        self.boot()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client is not None:
            self._client.remove_container(self.name, force=True)

    def boot(self) -> None:
        """Switch it on, and wait until it is up."""
        assert self._client is not None
        self._client.start(self.name)
        until(self._up, seconds=60, what="systemd is up")

    def off(self) -> None:
        """Switch it off in order."""
        assert self._client is not None
        self._client.stop(self.name, timeout=30)

    def run(self, *words: str, environ: Mapping[str, str] | None = None) -> Done:
        """Run a program there."""
        assert self._client is not None
        made = self._client.exec_create(self.name, list(words), environment=dict(environ or {}))
        out, err = self._client.exec_start(made["Id"], demux=True)
        status = self._client.exec_inspect(made["Id"])["ExitCode"]
        return Done(status, (out or b"").decode(), (err or b"").decode())

    def well(self, *words: str) -> str:
        """The same; it ends well."""
        done = self.run(*words)
        assert done.status == 0, f"{words}: {done.status}\n{done.out}{done.err}"
        return done.out

    def occ(self, *words: str) -> Done:
        """Type occ there, as root."""
        return self.run(*self.box.command(*words), environ=self.box.environ)

    def write(self, path: str, text: str) -> None:
        """Have a file there."""
        self.well(
            "sh", "-c", 'mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1"', "sh", path, text
        )

    def unit(self, name: str) -> Mapping[str, str]:
        """What systemd says of a unit's last run."""
        shown = self.well("systemctl", "show", name, "-p", "Result,ExecMainStatus,ActiveState")
        return dict(line.split("=", 1) for line in shown.splitlines())

    def log(self) -> str:
        """What it has written to its journal."""
        return self.run("journalctl", "--no-pager", "-n", "60").out

    def _up(self) -> bool:
        return self.run("systemctl", "is-system-running").out.strip() in {"running", "degraded"}


def _tar() -> bytes:
    """A root of nothing but /etc and links."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for folder in _FOLDERS:
            _add(tar, folder, tarfile.DIRTYPE, mode=0o755)
        for name, target in _LINKS.items():
            _add(tar, name, tarfile.SYMTYPE, target=target)
        for name in _ETC:
            path = Path("/etc") / name
            if path.exists():
                tar.add(path.resolve() if path.is_symlink() else path, f"etc/{name}")
        tar.add("/etc/systemd", "etc/systemd", filter=_plain)
        for name in _MASKED:
            _add(tar, f"etc/systemd/system/{name}", tarfile.SYMTYPE, target="/dev/null")
        for name, text in _FILES.items():
            _add(tar, name, tarfile.REGTYPE, text=text)
    return made.getvalue()


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Everything but the units that this machine has enabled."""
    return None if member.name.startswith(("etc/systemd/system/", "etc/systemd/user/")) else member


def _add(
    tar: tarfile.TarFile,
    name: str,
    kind: bytes,
    *,
    target: str = "",
    text: str = "",
    mode: int = 0o644,
) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.mode = kind, target, mode
    member.size = len(text.encode())
    tar.addfile(member, io.BytesIO(text.encode()))
