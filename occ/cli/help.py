"""Help as people read it: commands in groups, examples, and the address of the documentation."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import click

from occ import DOCS
from occ.cli.terminal import streams

GROUPS: Final[Mapping[str, Sequence[str]]] = {
    "Begin": ("setup", "import-config", "import-compose", "start", "adopt", "install"),
    "Run": ("stop", "restart", "update", "auto", "apply", "rollback", "hold", "unhold"),
    "Look": ("status", "logs", "check", "why", "versions", "history", "show", "changes", "events"),
    "Mend": ("doctor", "repair", "resume", "abort", "abandon"),
    "Tell": ("notify", "metrics"),
    "Data": ("snapshot", "data", "prune"),
    "Config and people": ("config", "secret", "user"),
    "Leave": ("forget", "uninstall"),
    "occ itself": ("help", "completion", "journal"),
}
"""Each command once, in the order of `occ --help`."""

EXAMPLES: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "": (
        ("occ setup", "ask what a service needs, and start it"),
        ("occ update --plan", "what an update would do; nothing is touched"),
        ("occ update", "pull, replace, prove; put back if not healthy"),
        ("occ rollback", "the version before"),
        ("occ doctor", "what is wrong, each with its command"),
    ),
    "setup": (
        ("occ setup", "the service opencode, asked step by step"),
        ("occ setup --profile generic --service web", "any other image"),
    ),
    "import-compose": (
        ("docker compose config --format json > shop.json", "the model; Compose 2"),
        ("occ import-compose shop.json", "what it says, and what ours cannot say"),
    ),
    "adopt": (
        ("occ adopt shop --plan", "what would be written, and what cannot be carried"),
        ("occ adopt --project shop", "all containers of a Compose project"),
    ),
    "update": (
        ("occ update --plan", "from which version to which; nothing is touched"),
        ("occ update --yes --reason 'monthly'", "from a timer"),
        ("occ update --image web:2.1", "this image, for once"),
        ("occ update --all --keep-going", "every service, one after another"),
    ),
    "auto": (
        ("occ auto run --dry-run", "what is due now, and what is next"),
        ("occ install --auto", "the timer that calls it"),
    ),
    "install": (
        ("occ install", "the service, started at boot"),
        ("occ install --auto", "a timer for updates that are due"),
        ("occ install --auto --cron", "the line of a crontab for the same"),
    ),
    "apply": (("occ apply --plan", "what today's config would change"),),
    "rollback": (
        ("occ rollback", "the version before"),
        ("occ rollback --to 3 --data then", "version 3, with the data of its day"),
    ),
    "hold": (
        ("occ hold web --until 2026-12-27 -m 'the fair'", "until that day, local time"),
        ("occ hold --for 3d", "the only service, three days"),
    ),
    "why": (
        ("occ why", "every service of the config"),
        ("occ why web -o json", "one of them, for a program"),
    ),
    "check": (
        ("occ check", "exit 10 when there is an update"),
        ("occ check --all -o json", "every service, for a program"),
    ),
    "history": (("occ history --since 7d", "a week's operations"),),
    "logs": (("occ logs --follow --tail 20", "the last lines, and those to come"),),
    "doctor": (("occ doctor --service web", "one service, and the machine"),),
    "config": (
        ("occ config set ports 127.0.0.1:8080:80", "of the only service"),
        ("occ config set services.web.pull missing", "of a service by its name"),
        ("occ config diff", "the config against what runs"),
    ),
    "secret": (("occ secret set API_TOKEN", "asked for, and never shown"),),
    "user": (("occ user add ann", "with a password that is asked for"),),
    "snapshot": (
        ("occ snapshot create", "the data as it is now"),
        ("occ snapshot drill 12", "whether snapshot 12 can be restored"),
    ),
    "notify": (
        ("occ notify test", "a message to every target"),
        ("occ notify retry", "send what waits"),
    ),
    "metrics": (("occ metrics --textfile occ.prom", "a file for the node exporter"),),
    "events": (("occ events --follow -o jsonl", "for a program, one object a line"),),
    "completion": (('eval "$(occ completion bash)"', "for this shell, now"),),
}
"""Command lines, each with its meaning; those of occ itself under the empty name."""

_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_HYPHEN: Final = "\u2011"
_LEAST: Final = 13
"""The narrowest first column, in characters: a command's name fits."""
_EXAMPLE: Final = 45
"""The widest first column of examples."""
_MOST: Final = 80
_NARROWEST: Final = 36


class Formatter(click.HelpFormatter):
    """Click's, but a line never ends within a word, and none is wider than the terminal."""

    def __init__(self, width: int | None = None, max_width: int | None = None) -> None:
        room = min(streams.columns(sys.stdout), max_width or _MOST) - 1
        super().__init__(width=width or max(room, _NARROWEST))

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, _held(args), prefix)

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        super().write_text(_held(text))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write terms and meanings; on a narrow terminal the meanings keep most of it."""
        held = [(term, _held(meaning)) for term, meaning in rows]
        super().write_dl(
            held,
            min(col_max, max(_LEAST, self.width // (2 if col_max == _EXAMPLE else 3))),
            col_spacing,
        )

    def getvalue(self) -> str:
        """The whole text."""
        return super().getvalue().replace(_HYPHEN, "-")


def _held(text: str) -> str:
    """The text with hyphens at which Python's textwrap breaks no line."""
    return text.replace("-", _HYPHEN)


class HelpContext(click.Context):
    """The context of every command: its help ends with its examples."""

    formatter_class = Formatter

    def get_help(self) -> str:
        """The whole text; that of occ itself ends with the address of the documentation."""
        name, formatter = self.command_path.partition(" ")[2], self.make_formatter()
        if examples := EXAMPLES.get(name):
            with formatter.section("Examples"):
                formatter.write_dl(examples, col_max=_EXAMPLE)
        if not name:
            formatter.write_paragraph()
            formatter.write_text(f"One command: occ help COMMAND. All of it: {DOCS}")
        more = formatter.getvalue().strip("\n")
        return "\n\n".join(part for part in (super().get_help(), more) if part)


def first_sentence(text: str) -> str:
    """The first sentence of a help or page, whole and without Markdown: a link is its words."""
    paragraph = _LINK.sub(r"\1", " ".join(text.partition("\n\n")[0].split()))
    return f"{paragraph.replace('`', '').partition('. ')[0].rstrip('.')}."
