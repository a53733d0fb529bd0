"""The main job for real, narrated: `tox run -e demo`.

A registry and an engine of its own are started, or the engine serves that DOCKER_HOST names, under
a name of this run. Whoever may start neither needs an engine that answers: it pulls a registry.
Everything that was started is ended, and everything that was made or pulled is removed.
What you see is the real command talking to the real engine.
"""

import secrets
import shlex
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

from tests.box import Box, get, post, serves, until_said
from tests.testbed import machine
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.named import remove_named
from tests.testbed.present import PresentEngine, PullError, answering, present
from tests.testbed.pulled import PulledRegistry
from tests.testbed.registry import Registry

GATE = (
    'path = "/health"\nversion_field = "version"\n'
    'interval = "250ms"\nmin_healthy = "1s"\ntimeout = "6s"\n'
)


def main() -> int:
    """Tell the story; the exit status is 0 when every chapter ended as told."""
    say("Getting ready: an engine, a registry and a few small service images.")
    there, lacks = present(), _lacks()
    if not lacks:
        return told(there, Registry())
    there = there or answering()
    if there is None:
        print(f"error: {lacks}", file=sys.stderr)
        return 1
    say(f"{lacks}.\n# The engine at {there.url} answers: it pulls a registry and a base image.")
    try:
        return told(there, PulledRegistry(there))
    except PullError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1


def told(there: PresentEngine | None, whose: Registry) -> int:
    """Tell the story on that engine, or on one of its own."""
    with (
        there or PrivateEngine() as engine,
        whose as registry,
        tempfile.TemporaryDirectory() as folder,
    ):
        box = Box(Path(folder), engine.url, service=f"web-{secrets.token_hex(2)}")
        try:
            story(box, Images(cast("PrivateEngine", engine), registry), machine.free_port())
        finally:
            remove_named(engine, box.service)
    say("That was all. Everything that was started has been ended.")
    return 0


def _lacks() -> str:
    """Why this machine has no engine and registry for the demo alone, with the way to them."""
    if reason := machine.reason_to_skip():
        named = "DOCKER_HOST=unix:///PATH .ci/tox run -e demo"
        return f"{reason}: type it as root on Debian, or name an engine that answers: {named}"
    try:
        machine.prepare()
    except RuntimeError as error:
        return str(error)
    return ""


def story(box: Box, images: Images, port: int) -> None:
    """Start, update, history, a bad update, a kill in mid-update, and back to the beginning."""
    ref = images.publish("good", "1.0", name=box.service).ref
    box.configure(ref, port, health=GATE)
    say("A config names the image, the port, a volume, and what healthy means:")
    show((box.folder / "config.toml").read_text())

    say("Start. There is no container yet, so this installs it, and proves it healthy.")
    run(box, "start", "--yes")
    post(port, "/marker", "written under version 1")
    expect(serves(port) == "1.0", "version 1.0 answers")

    say("A new image is published. Update: pulled while the old one serves, proven, activated.")
    images.publish("good", "2.0", name=box.service)
    run(box, "update", "--yes", "--reason", "the new release")
    expect(serves(port) == "2.0", "version 2.0 answers")
    expect(get(port, "/marker")[1] == "written under version 1", "the data is still there")

    say("A bad image is published: it starts, and is never healthy. The old one is put back.")
    images.publish("sick", "3.0", name=box.service)
    run(box, "update", "--yes", status=6)
    expect(serves(port) == "2.0", "version 2.0 answers again")

    say("A good image again; and in mid-update, with the old one stopped, kill -9.")
    images.publish("good", "4.0", name=box.service)
    kill_in_mid_update(box)
    expect(serves(port) == "", "nothing answers now")
    run(box, "status", status=0)
    say("Resume carries it forward from where it stopped.")
    run(box, "resume")
    expect(serves(port) == "4.0", "version 4.0 answers")

    say("Back to the very first version, image and configuration.")
    run(box, "rollback", "--to", "1", "--yes", "--reason", "because we can")
    expect(serves(port) == "1.0", "version 1.0 answers")
    expect(get(port, "/marker")[1] == "written under version 1", "the data is still there")

    say("Who did what, and what can be gone back to:")
    run(box, "history")
    run(box, "versions")
    run(box, "journal", "verify")


def kill_in_mid_update(box: Box) -> None:
    """Begin an update, and kill it when it has stopped the old container."""
    prompt(*box.command("update", "--yes")[2:])
    running = box.start("update", "--yes")
    said = until_said(running, "Recreate users")
    sys.stdout.write("".join(f"    {line}\n" for line in said.splitlines()))
    running.kill()
    running.communicate()
    print(f"    Killed ({running.returncode})", flush=True)
    time.sleep(0.5)


def run(box: Box, *words: str, status: int = 0) -> None:
    """Run one command before the reader's eyes; it must end with this status."""
    prompt("occ", *words)
    done = box.occ(*words)
    show(done.err + done.out)
    if done.status:
        print(f"    (exit status {done.status})", flush=True)
    expect(done.status == status, "it ended as it should", quiet=done.status == status)


def say(text: str) -> None:
    """The narrator."""
    print(f"\n# {text}", flush=True)


def prompt(*words: str) -> None:
    """A command as typed."""
    print(f"  $ {shlex.join(words)}", flush=True)


def show(text: str) -> None:
    """What a command printed."""
    print("".join(f"    {line}\n" for line in text.splitlines()), end="", flush=True)


def expect(truth: bool, what: str, *, quiet: bool = False) -> None:
    """A claim of the story; a false one ends it."""
    if not truth:
        raise SystemExit(f"The story went wrong: not so: {what}")
    if not quiet:
        print(f"  -> {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
