"""The meaning of a no of the engine or of a registry."""

import pytest

from occ.engine.docker.wire.errors import refusal, registry_refusal
from occ.errors import EngineRefusedError, ImageMissingError


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
