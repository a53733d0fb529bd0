"""Making images: by BuildKit through the docker command where it has it, else by the engine's own.

BuildKit's protocol is spoken by the docker command alone; the engine's API offers the classic
builder. Both take the same Dockerfiles but for what only BuildKit knows (`RUN --mount`, ...).
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docker.api.build import process_dockerfile
from docker.utils.build import tar

from occ.domain.spec import Build
from occ.domain.total import whole_number
from occ.engine.docker.wire import logins, shape, streams
from occ.engine.docker.wire.address import Address
from occ.engine.docker.wire.client import Client
from occ.engine.progress import BuildProgress
from occ.errors import BuildFailedError

_KEPT_LINES: Final = 200
_ALWAYS_WITHIN: Final = 23  # docker before this major version has BuildKit without a plugin
_STEP: Final = re.compile(r"(?:^Step |\[(?:\S+ +)?)(\d+)/(\d+)\b")
_DIGEST: Final = "containerimage.digest"
# An attestation holds the build's time, so with one the same build again is another image.
_PLAIN: Final = "BUILDX_NO_DEFAULT_ATTESTATIONS"
_FAILED: Final = re.compile(r"^(?:(?:#\d+ )?ERROR: |error: |(?=failed to solve|executor failed))")

Tell = Callable[[BuildProgress], None]


def make(
    client: Client, address: Address, build: Build, progress: Tell, *, podman: bool, within: float
) -> str:
    """Build an image, and return its id; `within` are the seconds for docker to say what it is.

    Podman builds by itself: the docker command would speak BuildKit, which it does not know.

    Raises:
        BuildFailedError: with the last lines of the log.
        EngineUnreachableError: the engine went away meanwhile.
    """
    _look(build)
    command = _docker(address, within)
    log = _Log(progress)
    if command is None or podman:
        return _by_engine(client, build, log)
    return _by_command(command, address, build, log)


@dataclass(frozen=True, kw_only=True)
class _Command:
    """A docker command that has BuildKit."""

    path: str
    plugin: bool
    """Whether its BuildKit is the plugin buildx; releases before 23 have one within."""


class _Log:
    """The builder's log: told as it comes, and its end kept."""

    def __init__(self, progress: Tell) -> None:
        self._progress = progress
        self._kept: deque[str] = deque(maxlen=_KEPT_LINES)

    def add(self, line: str) -> None:
        """One line."""
        if not line.strip():
            return
        self._kept.append(line)
        found = _STEP.search(line)
        step, steps = (int(found[1]), int(found[2])) if found else (0, 0)
        self._progress(BuildProgress(text=line, step=step, steps=steps))

    def failed(self, build: Build, why: str) -> BuildFailedError:
        """The error that holds the log's end."""
        return BuildFailedError(
            f"the build from {build.context} failed: {why}", log_tail=tuple(self._kept)
        )

    def why(self, status: int) -> str:
        """The last line that says what went wrong."""
        told = [line for line in self._kept if _FAILED.match(line)]
        return _FAILED.sub("", told[-1]) if told else f"docker build ended with status {status}"


def _look(build: Build) -> None:
    """Name what is not there before anything is sent."""
    folder = Path(build.context)
    if not folder.is_dir():
        raise BuildFailedError(
            f"there is no folder {folder} to build from", hint="correct build.context in the config"
        )
    if not (folder / build.dockerfile).is_file():
        raise BuildFailedError(
            f"there is no {folder / build.dockerfile}", hint="name it as build.dockerfile"
        )


def _docker(address: Address, within: float) -> _Command | None:
    """The docker command, if it has BuildKit and reaches the engine as we do."""
    command = shutil.which("docker")
    if command is None or address.tls:
        return None
    told = _output([command, "version", "--format", "{{.Client.Version}}"], address, within)
    major = told.partition(".")[0]
    number = whole_number(major, _ALWAYS_WITHIN)
    if number is not None and number < _ALWAYS_WITHIN:
        return _Command(path=command, plugin=False)
    if not _output([command, "buildx", "version"], address, within):
        return None
    return _Command(path=command, plugin=True)


def _output(words: Sequence[str], address: Address, within: float) -> str:
    """The output of a command; empty when it fails, cannot be run, or does not end."""
    try:
        ran = subprocess.run(  # noqa: S603 - words of ours
            words,
            env=_environ(address),
            capture_output=True,
            text=True,
            errors="backslashreplace",
            check=False,
            timeout=within,
        )
    except (subprocess.TimeoutExpired, OSError):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""


def _by_command(command: _Command, address: Address, build: Build, log: _Log) -> str:
    with tempfile.TemporaryDirectory(prefix="occ-build-") as folder:
        told = Path(folder) / "image"
        into = "--metadata-file" if command.plugin else "--iidfile"
        words = [command.path, "build", "--progress=plain", into, str(told)]
        words += ["--file", str(Path(build.context) / build.dockerfile)]
        words += ["--target", build.target] if build.target else []
        words += ["--pull"] if build.pull else []
        for name, value in build.args.items():
            words += ["--build-arg", f"{name}={value}"]
        with _running([*words, build.context], address) as process:
            for line in process.stdout or ():
                log.add(line.rstrip("\n"))
            status = process.wait()
        if status != 0:
            raise log.failed(build, log.why(status))
        if not command.plugin:
            return told.read_text("ascii").strip()
        # The file of --iidfile may hold the digest of the config, which is no id in containerd's
        # store; this one is the image's id in either store.
        digest = shape.text(streams.told(told.read_bytes()).get(_DIGEST))
        if not digest:
            raise log.failed(build, "docker build named no image")
        return digest


@contextmanager
def _running(words: Sequence[str], address: Address) -> Iterator["subprocess.Popen[str]"]:
    """The command in a process group of its own, which is ended when we are done with it."""
    process = subprocess.Popen(  # noqa: S603 - as above; paths and args are words, never a shell's
        words,
        env=_environ(address),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="backslashreplace",
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _environ(address: Address) -> Mapping[str, str]:
    without = {k: v for k, v in os.environ.items() if k != "DOCKER_CONTEXT"}
    return {_PLAIN: "1", **without, "DOCKER_HOST": address.text, "DOCKER_BUILDKIT": "1"}


def _by_engine(client: Client, build: Build, log: _Log) -> str:
    params = {
        "dockerfile": build.dockerfile,
        "buildargs": json.dumps(dict(build.args)),
        "target": build.target,
        "pull": build.pull,
        "rm": True,
        "forcerm": True,
    }
    login = logins.of_all(client)
    log.add(login.note)
    with _packed(build) as context:
        answer = client.ask(
            "POST",
            "/build",
            wait=None,
            stream=True,
            params=params,
            data=context,
            headers={"Content-Type": "application/tar", **login.headers},
        )
    image, rest = "", b""
    with closing(answer):
        for piece in client.pieces(answer):
            *lines, rest = (rest + piece).split(b"\n")
            for line in filter(None, map(bytes.strip, lines)):
                told = streams.told(line)
                if "error" in told:
                    raise log.failed(build, str(told["error"]).strip())
                image = shape.text(shape.table(told.get("aux")).get("ID")) or image
                for text in str(told.get("stream") or told.get("status") or "").splitlines():
                    log.add(text)
    if not image:
        raise log.failed(build, "the engine named no image")
    return image


@contextmanager
def _packed(build: Build) -> Iterator[object]:
    """The context as a tar of its folder, but for what `.dockerignore` names."""
    ignored = Path(build.context) / ".dockerignore"
    try:
        lines = ignored.read_text("utf-8").splitlines() if ignored.is_file() else []
        exclude = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        packed = tar(
            Path(build.context),
            exclude=exclude,
            dockerfile=process_dockerfile(build.dockerfile, build.context),
            gzip=False,
        )
    except UnicodeDecodeError as error:
        raise BuildFailedError(f"{ignored} is not UTF-8", hint=f"file {ignored}") from error
    except OSError as error:  # the file that cannot be read is in what the SDK or the system says
        raise BuildFailedError(
            f"the build from {build.context} cannot be packed: {error}",
            hint="let it be read, or name it in .dockerignore",
        ) from error
    try:
        yield packed
    finally:
        packed.close()
