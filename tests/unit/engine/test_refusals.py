"""The meaning of a no of the engine or of a registry."""

import pytest

from occ.engine.docker.wire.errors import refusal, registry_refusal
from occ.errors import (
    EngineRefusedError,
    ImageMissingError,
    NoProgramError,
    RegistryError,
    UnauthorizedError,
)


def test_an_image_for_other_machines_says_how_to_see_for_which() -> None:
    said = "no matching manifest for linux/arm64/v8 in the manifest list entries"
    told = registry_refusal("a.test/web:1", 0, said)
    assert isinstance(told, ImageMissingError)
    assert told.message == f"a.test/web:1 is not built for this machine: {said}"
    assert told.hint == "see what it is built for: docker manifest inspect a.test/web:1"


@pytest.mark.parametrize(
    "said",
    [
        "error while creating mount source path '/data/x': mkdir /data/x: no space left on device",
        (
            "error while mounting volume '/var/lib/docker/volumes/v/_data': failed to mount local "
            "volume: mount 192.0.2.7:/x:/var/lib/docker/volumes/v/_data: no space left on device"
        ),
        (
            'failed to create task: error mounting "/src" to rootfs at "/dst": mount src=/src, '
            "dst=/dst, flags=MS_BIND: no space left on device"
        ),
    ],
    ids=["source", "volume", "bind"],
)
def test_a_mount_without_space_is_told_in_the_words_of_the_engine(said: str) -> None:
    told = refusal(500, said)
    assert type(told) is EngineRefusedError
    assert told.message == f"the engine refused: {said}"


@pytest.mark.parametrize(
    "said",
    [
        "mkdir /var/lib/docker/overlay2/0123-init: no space left on device",
        "write /mount/docker/tmp/x: no space left on device",
        "write /mnt/mounts/x: No space left on device",
    ],
)
def test_an_engine_without_space_is_said_to_be(said: str) -> None:
    told = refusal(500, said)
    assert type(told) is EngineRefusedError
    assert told.message == f"the engine's disk is full: {said}"
    assert told.hint == "docker system df"


@pytest.mark.parametrize(
    "said",
    [
        (
            "OCI runtime create failed: container_linux.go:380: starting container process caused: "
            'exec: "nope": executable file not found in $PATH: unknown'
        ),
        (
            "failed to create task for container: failed to create shim task: OCI runtime create "
            "failed: runc create failed: unable to start container process: error during container "
            'init: exec: "/no pe": stat /no pe: no such file or directory: unknown'
        ),
        'unable to start container process: exec: "/etc": is a directory: unknown',
        "crun: executable file `nope` not found in $PATH: No such file or directory: OCI runtime",
    ],
)
def test_a_program_that_cannot_be_run_is_told_apart(said: str) -> None:
    told = refusal(400, said)
    assert type(told) is NoProgramError
    assert said in told.message


@pytest.mark.parametrize(
    "said",
    [
        (
            "starting container process caused: process_linux.go:545: container init caused: "
            "rootfs_linux.go:76: mounting /x to rootfs caused: not a directory: unknown"
        ),
        "error during connect: fork/exec /usr/bin/nvidia-runtime: no such file or directory",
    ],
)
def test_a_mount_or_a_runtime_that_is_missing_is_not_the_images_program(said: str) -> None:
    assert type(refusal(500, said)) is EngineRefusedError


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("authorization failed: no basic auth credentials", UnauthorizedError),
        ("server message: insufficient_scope: authorization failed", ImageMissingError),
    ],
)
def test_no_login_is_told_apart_from_no_image_where_the_engine_says_both(
    said: str, kind: type[RegistryError]
) -> None:
    both = "pull access denied, repository does not exist or may require authorization: "
    assert type(registry_refusal("a.test/web:1", 404, both + said)) is kind
