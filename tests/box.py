"""One person's box: a folder with config and journal, an engine, and the real `occ` command."""

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.zygote import Wanted, idle_zygote

HEALTH = 'path = "/health"\nversion_field = "version"\n'
FAST = 'interval = "100ms"\nmin_healthy = "300ms"\ntimeout = "8s"\n'


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str

    def result(self) -> Any:
        """What `-o json` printed as the result."""
        envelope = json.loads(self.out)
        return envelope["result"] if envelope["ok"] else envelope["error"]


@dataclass(frozen=True)
class Box:
    """Runs occ as a person would: as a process, with an environment, in a folder."""

    folder: Path
    engine: str
    service: str = "web"
    extra: Mapping[str, str] = field(default_factory=dict)
    forked: bool = False
    """Whether `occ` and `well` fork a process that has imported occ; `start` never does."""
    snapshot: str = "never"
    """The `snapshot` of its service; empty for the default, where snapshots are the subject."""

    @property
    def environ(self) -> dict[str, str]:
        """The environment that occ sees."""
        return {
            "PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
            "HOME": str(self.folder),
            "DOCKER_HOST": self.engine,
            "OCC_CONFIG": str(self.folder / "config.toml"),
            "OCC_JOURNAL": str(self.folder / "journal.db"),
            "LANG": "C.UTF-8",
            # the tests of seeded bugs run the occ of a copy
            **{name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ},
            **self.extra,
        }

    def configure(
        self, image: str, port: int, *, health: str = HEALTH + FAST, more: str = ""
    ) -> None:
        """Write a config with one service that keeps its data in a volume of its own."""
        snapshot = f'snapshot = "{self.snapshot}"\n' if self.snapshot else ""
        text = (
            f"[services.{self.service}]\n"
            f'image = "{image}"\n'
            f'ports = ["127.0.0.1:{port}:3000"]\n'
            f'volumes = ["{self.service}-data:/data"]\n'
            f"{snapshot}"
            f"{more}"
            f"[services.{self.service}.health]\n"
            f"{health}"
        )
        (self.folder / "config.toml").write_text(text)

    def command(self, *words: str) -> list[str]:
        """The command line of occ."""
        return [sys.executable, "-m", "occ", *words]

    def occ(
        self,
        *words: str,
        stdin: str | None = "",
        timeout: float = 120,
        extra: Mapping[str, str] | None = None,
    ) -> Done:
        """Run occ to its end; no stdin at all with None."""
        environ = {**self.environ, **(extra or {})}
        if self.forked:
            return _forked(words, environ, self.folder, stdin or "", timeout)
        done = subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=environ,
            input=(stdin or "").encode(),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def well(self, *words: str, status: int = 0) -> Done:
        """Run occ, which must end with this status."""
        done = self.occ(*words)
        assert done.status == status, f"occ {' '.join(words)}: {done.status}\n{done.out}{done.err}"
        return done

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Begin occ, and leave it running."""
        return subprocess.Popen(
            self.command(*words),
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def status(self) -> Any:
        """What `occ status` says."""
        return self.well("status", "-o", "json").result()


def until_said(running: subprocess.Popen[bytes], words: str) -> str:
    """Read what it tells on stderr until it has said this, also in a line without an end."""
    assert running.stderr is not None
    said = b""
    while words.encode() not in said:
        more = os.read(running.stderr.fileno(), 65_536)
        assert more, f"it never said {words!r}: {said.decode()}"
        said += more
    return said.decode()


def _forked(
    words: Sequence[str], environ: Mapping[str, str], cwd: Path, stdin: str, timeout_s: float
) -> Done:
    with TemporaryDirectory() as folder, idle_zygote() as zygote:
        given, out, err = (Path(folder, name) for name in ("in", "out", "err"))
        given.write_text(stdin)
        out.touch()
        err.touch()
        wanted = Wanted(
            words=words,
            environ=environ,
            cwd=str(cwd),
            stdin=str(given),
            stdout=str(out),
            stderr=str(err),
        )
        status = zygote.run(wanted, timeout_s=timeout_s)
        return Done(status, out.read_bytes().decode(), err.read_bytes().decode())


def get(port: int, path: str) -> tuple[int, str]:
    """One request to a published port."""
    return _request(port, "GET", path)


def post(port: int, path: str, body: str) -> tuple[int, str]:
    """One request that writes."""
    return _request(port, "POST", path, body)


def serves(port: int) -> str:
    """The version that answers at a port; empty when nothing does."""
    try:
        status, body = get(port, "/health")
    except OSError:
        return ""
    return str(json.loads(body)["version"]) if status == 200 else ""


def _request(port: int, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    # The engine's proxy resets a connection now and then on a busy machine; all requests of ours
    # may be repeated.
    for pause in (0.1, 0.5):
        try:
            return _requested(port, method, path, body)
        except ConnectionResetError:
            time.sleep(pause)
    return _requested(port, method, path, body)


def _requested(port: int, method: str, path: str, body: str | None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()
