"""What the journal knows is used: failures, rollbacks, and an update that finds nothing new."""

import io
import re

from tests.box import Box, serves
from tests.host import advised, birth, client, containers
from tests.terminal import Terminal
from tests.testbed.engine import PrivateEngine
from tests.testbed.gate import Gate
from tests.testbed.images import Images, Published

COLOURED = 'env = { COLOUR = "red" }\n'


def _exact(published: Published) -> str:
    """The name of exactly this image."""
    return f"{published.ref.rpartition(':')[0]}@{published.digest}"


def _publish_labelled(
    images: Images, engine: PrivateEngine, name: str, version: str = "2.0"
) -> None:
    """Publish a version with its label, which the engine does not have afterwards."""
    text = (
        f"FROM {images.build('good', version)}\nLABEL org.opencontainers.image.version={version}\n"
    )
    with client(engine) as one:
        lines = one.build(fileobj=io.BytesIO(text.encode()), decode=True)
        made = next(line["aux"]["ID"] for line in lines if "aux" in line)
    images.push(made, name, "latest")
    images.forget(made)


def test_an_image_that_failed_is_not_taken_again_unasked(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    crash = images.publish("crash", "2.0", name=box.service)
    box.configure(ref, port, more='networks = ["occ-test-gone"]\n')
    box.well("update", "--yes", status=6)
    box.well("check", status=10)  # a network that is missing is not the image's own fault
    box.configure(ref, port, more='command = ["/nope"]\n')
    unrun = box.well("update", "--yes", status=6)
    assert "its program cannot be run" in unrun.err
    assert "it failed here in operation 3" in box.well("update", "--plan").out
    box.configure(ref, port)
    box.well("update", "--plan", status=10)
    box.well("update", "--yes", status=6)
    born = birth(private_engine, box.service)

    checked = box.well("check")
    assert "it failed here in operation 4, configured as it is now: " in checked.out
    assert "is not healthy" in checked.out
    planned = box.well("update", "--plan")
    assert "careful: it failed here in operation 4" in planned.out
    refused = box.well("update", "--yes", status=4)
    assert "not taken unasked: it failed here in operation 4" in refused.err
    assert "try: occ show 4 tells why; occ update --yes --retry takes it" in refused.err
    assert advised(refused.err) == {"show", "update"}
    assert box.well("update", "--yes", "-o", "json", status=4).result()["code"] == "caution"
    terminal = Terminal(box.folder, box.environ)
    asked = terminal.occ("update", answers=(("Go on? [y/N] ", "n"),), status=4)
    assert "careful: it failed here in operation 4" in asked
    assert birth(private_engine, box.service) == born
    assert len(box.well("history", "--all", "-o", "json").result()) == 4

    box.configure(ref, port, more=COLOURED)
    box.well("check", status=10)
    box.well("update", "--plan", status=10)
    box.configure(ref, port)
    for words in (["--retry"], ["--image", _exact(crash)]):
        tried = box.well("update", "--yes", *words, status=6)
        assert "note: it failed here in operation" in tried.err
    box.well("rollback", "--to", "4", "--yes", status=6)
    assert serves(port) == "1.0"
    assert containers(private_engine, box.service) == {box.service: "running"}

    images.publish("good", "3.0", name=box.service)
    box.well("check", status=10)
    box.well("update", "--yes")
    assert serves(port) == "3.0"


def test_an_image_that_was_rolled_back_from_is_not_taken_again_unasked(
    box: Box, images: Images, private_engine: PrivateEngine, port: int
) -> None:
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port)
    box.well("start", "--yes")
    two = images.publish("good", "2.0", name=box.service)
    box.well("update", "--yes")
    box.well("rollback", "--yes", "--reason", "it is slow")
    for more in ("", COLOURED):  # a change of config does not lift it
        box.configure(ref, port, more=more)
        assert "operation 3 rolled back from it: it is slow" in box.well("check").out
        refused = box.well("update", "--yes", status=4)
        assert "operation 3 rolled back from it: it is slow" in refused.err
    box.configure(ref, port)
    planned = box.well("update", "--plan").out.splitlines()
    digest = two.digest.removeprefix("sha256:")[:12]
    assert f": 1.0 -> 2.0 (sha256:{digest}, built " in planned[0]
    box.well("update", "--yes", "--image", _exact(two))
    assert serves(port) == "2.0"
    box.well("rollback", "--yes")
    box.well("rollback", "--to", "2", "--yes")

    # Nothing new, and nobody to ask: nothing is asked, and nothing stopped.
    born = birth(private_engine, box.service)
    same = box.well("update")
    assert (same.out, same.err) == (f"{box.service}: unchanged, already the newest: 2.0\n", "")
    assert "nothing to do: already the newest: 2.0" in box.well("update", "--plan").out
    box.well("update", "--exit-unchanged", status=77)
    assert box.well("apply").out == f"{box.service}: unchanged, what was asked for runs already\n"
    assert birth(private_engine, box.service) == born
    box.well("stop", "--yes")
    stopped = box.well("update")
    assert "already the newest: 2.0; it is stopped: occ start" in stopped.out
    assert "; it is stopped: occ start" in box.well("apply").out


def test_a_registry_is_asked_only_where_the_image_would_be_pulled(
    box: Box, images: Images, gate: Gate, private_engine: PrivateEngine, port: int
) -> None:
    _publish_labelled(images, private_engine, box.service, "1.0")
    ref = f"{gate.host}/{box.service}:latest"
    box.configure(ref, port)
    box.well("start", "--yes")
    born = birth(private_engine, box.service)
    _publish_labelled(images, private_engine, box.service)
    first = box.well("update", "--plan", status=10).out.splitlines()[0]
    assert re.search(r": 1\.0 -> 2\.0 \(sha256:[0-9a-f]{12}, built .+\)$", first), first
    gate.down()
    silent = box.well("update", "--yes", status=6)
    assert "could not be fetched" in silent.err
    assert "already the newest" not in silent.out + silent.err
    asked = gate.requests.total()
    for pull in ("never", "missing"):
        box.configure(ref, port, more=f'pull = "{pull}"\n')
        assert "already the newest: 1.0" in box.well("update").out
    assert gate.requests.total() == asked
    assert birth(private_engine, box.service) == born
