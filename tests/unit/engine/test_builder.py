"""What keeps a build from being begun, and what it is called then."""

import gc
import tempfile
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from occ.domain.spec import Build
from occ.engine.docker import builder
from occ.engine.docker.wire.address import Address
from occ.engine.docker.wire.client import Client, Waits
from occ.errors import BuildFailedError, EngineUnreachableError
from tests.another_user import another_user
from tests.unit.engine.odd import Handler, served

# Writes what a real one does: the config's digest where --iidfile says, the image's into the
# metadata; with an attestation the image is another one at each build.
DOCKER = """#!/bin/sh
case "$1" in
version) echo {version}; exit;;
buildx) echo v0.29; exit;;
esac
id=sha256:image
test "$BUILDX_NO_DEFAULT_ATTESTATIONS" = 1 || id=sha256:with-the-time
while test $# -gt 1; do
  test "$1" = --iidfile && echo sha256:config >"$2"
  test "$1" = --metadata-file && echo "{{\\"containerimage.digest\\":\\"$id\\"}}" >"$2"
  shift
done
"""


class Old(Handler):
    """An engine that tells its version, and no more."""

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer `/version`."""
        self.answer(200, {"Version": "28.5.2", "ApiVersion": "1.51"})


def build(folder: Path, commands: str = "/nowhere") -> str:
    """Build it where no engine is, with the docker command that is in a folder of commands."""
    (folder / "Dockerfile").write_text("FROM scratch\n")
    address = Address(f"unix://{folder}/docker.sock")
    declared = Build(context=str(folder), dockerfile="Dockerfile", args={}, target="", pull=False)
    client = Client(address, Waits())
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", commands)
            return builder.make(client, address, declared, lambda _: None, podman=False, within=0.3)
    finally:
        client.close()


@pytest.mark.parametrize("text", ["#!/bin/sh\nexec /bin/sleep 5\n", "#!/nowhere/sh\n"])
def test_a_docker_command_that_says_nothing_is_none(tmp_path: Path, text: str) -> None:
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "docker").write_text(text)
    (commands / "docker").chmod(0o755)
    before = time.monotonic()
    with pytest.raises(EngineUnreachableError, match="there is no engine"):
        build(tmp_path, str(commands))
    assert time.monotonic() - before < 3


@pytest.mark.parametrize(
    ("version", "declared", "image"),
    [
        ("28.5.2", None, "sha256:image"),
        ("28.5.2", "0", "sha256:with-the-time"),
        ("20.10.24", None, "sha256:config"),
    ],
)
def test_the_id_of_a_build_is_told_by_the_plugin_in_a_file_of_its_own(
    tmp_path: Path, version: str, declared: str | None, image: str
) -> None:
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "docker").write_text(DOCKER.format(version=version))
    (commands / "docker").chmod(0o755)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    context = Build(context=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Old)
    address = Address(f"tcp://127.0.0.1:{server.server_port}")
    client = Client(address, Waits())
    with served(server), pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{commands}:/usr/bin:/bin")
        patch.delenv("BUILDX_NO_DEFAULT_ATTESTATIONS", raising=False)
        if declared is not None:
            patch.setenv("BUILDX_NO_DEFAULT_ATTESTATIONS", declared)
        made = builder.make(client, address, context, lambda _: None, podman=False, within=5)
    client.close()
    assert made == image


# The SDK leaves the file that it packed into to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_file_that_cannot_be_read_is_named() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        (folder / "Dockerfile").touch()
        (folder / "Dockerfile").chmod(0o666)
        (folder / "key.pem").touch(mode=0o000)
        with another_user(), pytest.raises(BuildFailedError, match=f"{folder}/key.pem") as told:
            build(folder)
    assert ".dockerignore" in told.value.hint
    del told
    gc.collect()


def test_a_dockerignore_that_is_not_text_is_named(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").write_bytes(b"caf\xe9\n")
    with pytest.raises(BuildFailedError, match=f"{tmp_path}/.dockerignore is not UTF-8"):
        build(tmp_path)
