"""What a registry's no means."""

from occ.engine.docker.wire.errors import registry_refusal
from occ.errors import ImageMissingError


def test_an_image_for_other_machines_says_how_to_see_for_which() -> None:
    said = "no matching manifest for linux/arm64/v8 in the manifest list entries"
    told = registry_refusal("a.test/web:1", 0, said)
    assert isinstance(told, ImageMissingError)
    assert told.message == f"a.test/web:1 is not built for this machine: {said}"
    assert told.hint == "see what it is built for: docker manifest inspect a.test/web:1"
