"""Images of an engine that keeps them in containerd: an id is the digest at a registry."""

from occ.engine.docker.wire import read

ID = f"sha256:{'1' * 64}"
OTHER = f"sha256:{'2' * 64}"
TOLD = {"Id": ID, "Descriptor": {"digest": ID}}


def test_its_id_is_known_to_be_its_digest() -> None:
    assert read.image(TOLD).by_digest
    assert not read.image({"Id": ID}).by_digest
    assert not read.image(TOLD | {"Descriptor": {"digest": OTHER}}).by_digest


def test_an_image_that_lost_its_tag_is_known_by_its_id() -> None:
    image = read.image(TOLD)
    assert image.known_as(ID)
    assert not image.known_as(OTHER)


def test_an_image_is_known_by_each_of_its_digests() -> None:
    image = read.image({"Id": ID, "RepoDigests": [f"a.test/web@{OTHER}"]})
    assert image.known_as(OTHER)


def test_a_tag_of_our_own_is_no_way_to_a_registry() -> None:
    told = TOLD | {"RepoDigests": [f"occ.local/12345678/web@{ID}", f"a.test/web@{ID}"]}
    assert read.image(told).digests == (f"a.test/web@{ID}",)
