"""The manual pages, made from the commands when a wheel is built: hatchling calls this file.

The commands import nothing but Click and the standard library, so a build needs no library of
occ's but Click, and click-man.
"""

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManPages(BuildHookInterface):
    """One page a command, in the wheel's `share/man/man1`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Have the pages written, and named to hatchling; an editable wheel has no pages."""
        self._folder = tempfile.TemporaryDirectory()
        if version == "editable":
            return
        for page in written(Path(self.root), Path(self._folder.name)):
            build_data["shared_data"][str(page)] = f"share/man/man1/{page.name}"

    def finalize(self, *_: Any) -> None:
        """Have no page left behind."""
        self._folder.cleanup()


def written(root: Path, folder: Path) -> list[Path]:
    """The pages of the checkout at `root`, written into a folder."""
    sys.path.insert(0, str(root))
    try:
        import click  # noqa: PLC0415 - after the checkout is on the path
        from click_man.core import write_man_pages  # noqa: PLC0415 - as above

        from occ import __version__  # noqa: PLC0415 - as above
        from occ.cli import COMMANDS  # noqa: PLC0415 - as above
        from occ.cli.commands import cli  # noqa: PLC0415 - as above

        # click-man reads a group's own table, which is empty where commands come when called.
        context = click.Context(cli, info_name="occ")
        for name, row in COMMANDS.items():
            command = cli.get_command(context, name)
            command.short_help = row[1]
            cli.commands[name] = command
    finally:
        sys.path.remove(str(root))
    _as_roff(cli)
    date = _released(root / "CHANGELOG.md", __version__)
    write_man_pages("occ", cli, version=__version__, target_dir=str(folder), date=date)
    return sorted(folder.iterdir())


def _as_roff(command: Any) -> None:
    """Have the texts of a command, and of those below it, as roff wants them.

    click-man takes them as they are: roff would print a hyphen in place of the dashes of an option,
    and take a line that begins with a dot for an instruction. Its own short help is cut off.
    """
    paragraph = " ".join(command.help.partition("\n\n")[0].split())
    command.short_help = _roff(command.short_help or paragraph)
    command.help = _roff(command.help)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = _roff(parameter.help)
    for child in getattr(command, "commands", {}).values():
        _as_roff(child)


def _roff(text: str) -> str:
    text = text.replace("\\", r"\e").replace("-", r"\-")
    return re.sub(r"^(?=[.'])", r"\\&", text, flags=re.MULTILINE)


def _released(changelog: Path, version: str) -> str | None:
    """The day of a version's release, None for one that is not released: a build is repeatable."""
    found = re.search(rf"^## {re.escape(version)} \((.+)\)$", changelog.read_text(), re.MULTILINE)
    return found[1] if found else None
