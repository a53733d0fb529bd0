"""A new user's first hour, typed in a real terminal; docs/tutorial.md shows what it shows."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from occ.app.actor import login
from tests.box import Box, get, post, serves
from tests.host import inside
from tests.terminal import Terminal, aligned, with_blocks
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.named import remove_named

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
PASSWORD = "horse-staple-battery"
YES = ("Go on? [y/N] ", "y")
KEEP = ("keep today's data beside it? [y/N] ", "n")


@pytest.fixture
def web(private_engine: PrivateEngine, tmp_path: Path) -> Iterator[Box]:
    """A folder without a config, and a service whose name the page can show."""
    yield Box(tmp_path, private_engine.url, service="web")
    remove_named(private_engine, "web")


def shadow(engine: PrivateEngine) -> str:
    return inside(engine, "web", "getent shadow ann || echo nobody")


def stable(screen: str, *, box: Box, host: str, port: int) -> str:
    """A screen with names, numbers and times as the page has them."""
    screen = screen.replace(host, "registry.example").replace(str(port), "8080")
    screen = screen.replace(str(box.folder), "~/.config/occ")
    screen = re.sub(r"\[\d+:3000\]", "[3000:3000]", screen)
    screen = re.sub(r"port 3000 of this machine is in use, so \d+ is suggested\n", "", screen)
    screen = re.sub(r"occ\.local/[0-9a-f]{8}/", "occ.local/3f2a9c1e/", screen)
    screen = re.sub(r"\b[0-9a-f]{12}\b", "5d0e1b7f2a9c", screen)
    screen = re.sub(r"(?<!less than )\b\d+(\.\d+)? m?s\b", "0.2 s", screen)
    screen = re.sub(r"built (?:just now|\d+ \w+ ago)", "built 2 days ago", screen)
    screen = re.sub(
        r"ok: engine: \S+ at \S+", "ok: engine: 29.1.3 at unix:///var/run/docker.sock", screen
    )
    screen = re.sub(r"(?<=data of )\d{4}-\d\d-\d\d \d\d:\d\d", "2026-11-24 09:14", screen)
    if screen.startswith("$ occ history"):
        typed, _, table = screen.partition("\n")
        table = re.sub(r"\d\d-\d\d \d\d:\d\d", "11-24 09:15", table)
        table = table.replace(login(), "ann")
        screen = f"{typed}\n{aligned(table)}\n"
    return screen


def test_the_tutorial(
    request: pytest.FixtureRequest,
    web: Box,
    images: Images,
    private_engine: PrivateEngine,
    port: int,
) -> None:
    ref = images.publish("healthcheck", "1.0", name="web", tag="stable", forget=False).ref
    client = private_engine.client()
    client.tag(images.build("healthcheck", "1.0"), ref)
    client.close()
    terminal = Terminal(web.folder, web.environ)
    terminal.occ(
        *("setup", "--profile", "generic", "--service", "web"),
        answers=[
            ("Image, as registry/name:tag: ", ref),
            (":3000]: ", f"{port}:3000"),
            ("[127.0.0.1]: ", ""),
            ("[web.data:/data]: ", ""),
            ("/folder:/path, or none [none]: ", ""),
            ("NAME=value, or none [none]: ", ""),
            ("secret values, or none [none]: ", ""),
            ("to join, or none [none]: ", ""),
            ("Users inside the container, or none [none]: ", ""),
            ("[/health]: ", ""),
            ("[y/N] ", "y"),
            ("Start it now? [y/N] ", "n"),
        ],
    )
    assert serves(port) == ""
    terminal.occ("config", "set", "services.web.health.min_healthy", "1s")
    terminal.occ("start")
    assert serves(port) == "1.0"
    post(port, "/marker", "precious")

    terminal.occ("user", "add", "ann", answers=[("for ann: ", PASSWORD), ("Again: ", PASSWORD)])
    first = shadow(private_engine)
    assert first.startswith("ann:$6$")

    images.publish("healthcheck", "2.0", name="web", tag="stable")
    terminal.occ("update", answers=[YES])
    assert serves(port) == "2.0"
    assert shadow(private_engine) == first

    terminal.occ("rollback", answers=[KEEP, YES])
    assert serves(port) == "1.0"
    assert shadow(private_engine) == first
    assert get(port, "/marker") == (200, "precious")
    terminal.occ("history")

    screens = [stable(one, box=web, host=images.host, port=port) for one in terminal.screens]
    assert not any(PASSWORD in one for one in screens)
    if request.config.getoption("--update-golden"):
        PAGE.write_text(with_blocks(PAGE.read_text(), screens))
    page = PAGE.read_text()
    assert with_blocks(page, screens) == page, "pytest tests/e2e/test_tutorial.py --update-golden"
