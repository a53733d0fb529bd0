"""`occ setup` on a real engine: what an image lacks for its volumes is told before the start."""

import io
from collections.abc import Iterator

import docker
import pytest

from tests.box import Box, serves
from tests.host import client, containers
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

LACKS = "USER 700\n"
ROOTS = "RUN mkdir -p /var/lib/shop\nUSER 700\n"
OWN = "RUN mkdir -p /var/lib/shop && chown 700 /var/lib/shop\nUSER 700\n"
NAMED = "RUN useradd -u 700 shop && mkdir -p /var/lib/shop\nUSER shop\n"
DECLARED = "VOLUME /var/lib/shop\nUSER 700\n"


@pytest.fixture
def engine(private_engine: PrivateEngine) -> Iterator[docker.APIClient]:
    with client(private_engine) as one:
        yield one


def built(images: Images, engine: docker.APIClient, name: str, lines: str) -> str:
    """Publish an image that answers on port 3000, and has these lines too; its reference."""
    text = f"FROM {images.build('good', '1.0')}\nENV DATA=/tmp\n{lines}"
    said = engine.build(fileobj=io.BytesIO(text.encode()), rm=True, decode=True)
    made = next(line["aux"]["ID"] for line in said if "aux" in line)
    return images.push(made, name, "1").ref


@pytest.mark.docker
@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (LACKS, "the image has no such folder, and the image runs as 700"),
        (ROOTS, "the image's folder is root's, and the image runs as 700"),
        (NAMED, "the image's folder is root's, and the image runs as shop"),
        (DECLARED, "the image's folder is root's, and the image runs as 700"),
        (OWN, ""),
    ],
    ids=["lacks", "roots", "named", "declared", "own"],
)
def test_a_folder_that_the_user_cannot_write_is_told_before_the_start(
    lines: str,
    why: str,
    box: Box,
    images: Images,
    engine: docker.APIClient,
    private_engine: PrivateEngine,
    port: int,
) -> None:
    tag = built(images, engine, box.service, lines)
    volume = f"{box.service}-data"
    words = ["--image", tag, "--port", f"{port}:3000", "--volume", f"{volume}:/var/lib/shop"]
    kind = ["--profile", "generic", "--service", box.service, "--env", "TZ=Europe/Rome"]
    said = box.well("setup", *kind, *words, "--health", "none", "--yes", "--no-start")
    told = [line for line in said.err.splitlines() if "/var/lib/shop: " in line]
    assert len(told) == bool(why)
    assert all(why in line for line in told)
    assert containers(private_engine, box.service) == {}
    # What is told is true: in the container that occ makes, the user cannot write there.
    box.well("start", "--yes")
    assert serves(port) == "1.0"
    made = engine.exec_create(box.service, ["touch", "/var/lib/shop/x"])
    engine.exec_start(made["Id"])
    status = engine.exec_inspect(made["Id"])["ExitCode"]
    assert (status == 0) == (not why)
    zone = engine.exec_start(engine.exec_create(box.service, ["sh", "-c", "echo $TZ"])["Id"])
    assert zone.decode().strip() == "Europe/Rome"
