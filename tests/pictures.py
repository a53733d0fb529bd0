"""`tox run -e pictures`: what a person sees, as pictures in docs/pictures, of a real run.

Each picture is one or more commands in a terminal of 80 columns, on an engine and with a registry
of their own. The registry's address stands as registry.example there, and times are those of the
run. Every picture is an SVG that asks for nothing from elsewhere.
"""

import io
import re
import shlex
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pyte
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from tests.box import Box
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import free_port
from tests.testbed.registry import Registry

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
COLUMNS = 80
_ROWS = 200
_FONTS = re.compile(r"@font-face \{\{.*?\}\}\n", re.DOTALL)
_PROMPT = "$ "
GO_ON = ("Go on? [y/N] ", "y")


@dataclass
class Roll:
    """Commands typed one after the other, and the lines that each has left on the screen."""

    box: Box
    host: str
    """The registry's address, which the pictures do not show."""
    lines: dict[str, list[Text]] = field(default_factory=dict)

    def typed(
        self,
        picture: str,
        *words: str,
        answers: Sequence[tuple[str, str]] = (),
        status: int = 0,
    ) -> None:
        """Type a command, and keep its screen for a picture."""
        screen, stream = pyte.Screen(COLUMNS, _ROWS), pyte.Stream()
        stream.attach(screen)
        child = pexpect.spawn(
            sys.executable,
            ["-m", "occ", *words],
            env={**self.box.environ, "TERM": "xterm-256color"},
            cwd=str(self.box.folder),
            encoding="utf-8",
            timeout=60,
            dimensions=(_ROWS, COLUMNS),
        )
        for question, answer in answers:
            child.expect_exact(question)
            stream.feed(f"{child.before}{child.after}")
            child.sendline(answer)
        child.expect(pexpect.EOF)
        stream.feed(str(child.before))
        child.close()
        if child.exitstatus != status:
            shown = "\n".join(screen.display).rstrip()
            raise RuntimeError(f"occ {' '.join(words)}: {child.exitstatus}, not {status}\n{shown}")
        kept = self.lines.setdefault(picture, [])
        if kept:
            kept.append(Text())
        typed = Text.assemble(_PROMPT, (shlex.join(["occ", *words]), "bold"))
        kept += [typed, *self._shown(screen)]

    def _shown(self, screen: pyte.Screen) -> list[Text]:
        last = max((n for n, line in enumerate(screen.display) if line.strip()), default=-1)
        return [self._line(screen, number) for number in range(last + 1)]

    def _line(self, screen: pyte.Screen, number: int) -> Text:
        line = Text()
        for column in range(COLUMNS):
            char = screen.buffer[number][column]
            colour = "" if char.fg == "default" else char.fg
            line.append(char.data, f"{'bold ' if char.bold else ''}{colour}".strip())
        line.rstrip()
        plain = line.plain.replace(self.host, "registry.example")
        return line if plain == line.plain else Text(plain)


def drawn(lines: Sequence[Text], title: str) -> str:
    """The lines as an SVG of a terminal."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for line in (*lines, ""):  # the last line would lose its lower edge
        console.print(line, soft_wrap=True)
    return console.export_svg(title=title, code_format=_FONTS.sub("", CONSOLE_SVG_FORMAT))


def run(roll: Roll, images: Images, port: int) -> None:
    """The run: a service from its first version to a bad one, and back again."""
    ref = images.publish("good", "1.0", name="web", tag="stable").ref
    roll.box.configure(ref, port)
    roll.box.well("start", "--yes")
    images.publish("good", "2.0", name="web", tag="stable")
    roll.typed("update", "update", answers=[GO_ON])
    roll.typed("status", "status")
    images.publish("sick", "3.0", name="web", tag="stable")
    roll.typed("put-back", "update", "--yes", "--reason", "the nightly build", status=6)
    roll.typed("history", "rollback", "--yes", "--reason", "2.0 loses sessions")
    roll.typed("history", "history")
    roll.typed("history", "versions")


def main() -> None:
    """Make all pictures anew."""
    FOLDER.mkdir(exist_ok=True)
    with (
        PrivateEngine() as engine,
        Registry() as registry,
        tempfile.TemporaryDirectory(prefix="occ-pictures-") as folder,
    ):
        images = Images(engine, registry)
        roll = Roll(Box(Path(folder), engine.url, service="web"), registry.host)
        run(roll, images, free_port())
    for name, lines in roll.lines.items():
        (FOLDER / f"{name}.svg").write_text(drawn(lines, "occ"), "utf-8")
        print(FOLDER / f"{name}.svg")


if __name__ == "__main__":
    main()
