"""One run of the command: its options, the app, and where its results go."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from shlex import join
from typing import TYPE_CHECKING, Any, Literal

from occ.cli.terminal import streams
from occ.cli.terminal.words import terminal_safe, terminal_safe_lines
from occ.errors import OccError
from occ.escapes import escaped

if TYPE_CHECKING:
    from occ.app.app import App

ENVELOPE = 1


@dataclass(slots=True, kw_only=True)
class Session:
    """One run. Options may stand before or after the command's name; the last one counts."""

    words: Sequence[str]
    """The arguments as they were typed, without `occ`."""
    open_app: Callable[..., "App"] | None = None
    config: str | None = None
    journal: str | None = None
    service: str | None = None
    output: str = "text"
    quiet: bool = False
    command: str = ""
    changing: bool = False
    """The command changes something: an output that nobody reads does not make it a failure."""
    tells: Literal["", "change", "auto"] = ""
    """Why others are told when the result is printed: a change, or a run of auto."""
    begins: bool = False
    """The command may make the config, which need not exist yet."""
    mends: bool = False
    """The command finds or edits the config, which need not be usable."""
    _app: "App | None" = field(default=None)

    @property
    def app(self) -> "App":
        """The app, opened at first need.

        Raises:
            ConfigError: the configuration cannot be used.
        """
        if self._app is None:
            if self.open_app is None:
                from occ.app.app import App  # noqa: PLC0415 - --help needs none of it

                self.open_app = App.open
            more = {"new": True} if self.begins else {"unread": True} if self.mends else {}
            self._app = self.open_app(
                os.environ,
                config=self.config,
                journal=self.journal,
                argv=("occ", *self.words),
                **more,
            )
        return self._app

    def afterwards(self, status: int) -> None:
        """Tell others what happened; how the command ended is not changed by anything here."""
        if not self.tells or self._app is None:
            return
        try:
            for said in self._app.afterwards(status if self.tells == "auto" else None):
                self.note(f"note: {said}")
        except KeyboardInterrupt:
            self.note("note: telling others was interrupted; the rest waits: occ notify retry")
        except Exception as error:  # noqa: BLE001 - a bug here must not be the command's end
            self.note(f"note: telling others failed: {type(error).__name__}; occ notify retry")

    def close(self) -> None:
        """Let go of everything that the app opened."""
        if self._app is not None:
            self._app.close()

    def reopen(self) -> None:
        """Have the settings read again at the next need: the config was written."""
        self.close()
        self._app = None

    def again(self, *more: str, without: str = "") -> str:
        """The command as it was typed, with `more` options and `without` one: to be typed next.

        A word that looks like a secret is masked, as in the journal.
        """
        from occ.domain.secrets.secrecy import clean_argv  # noqa: PLC0415 - for failures only

        words = [word for word in self.words if word != without]
        end = words.index("--") if "--" in words else len(words)
        words[end:end] = [word for word in more if word not in words]
        return terminal_safe(join(("occ", *clean_argv(words))))

    def addressed(self, text: str, service: str | None = None) -> str:
        """The text, its commands written for the service, config and journal of this run.

        `service` is meant where `--service` was not typed, as with `--all`.
        """
        named = {
            "config": self.config,
            "journal": self.journal,
            "service": self.service or service,
        }
        if not any(named.values()):
            return text
        from occ.cli.addressed import addressed  # noqa: PLC0415 - for these only
        from occ.domain.secrets.secrecy import clean  # noqa: PLC0415 - as above

        return addressed(text, {k: terminal_safe(clean(v)) if v else v for k, v in named.items()})

    def result(self, value: object, text: str, *, status: int = 0) -> int:
        """Print a result, as people or as programs want it, and return the exit status.

        Raises:
            OutputClosedError: nobody reads it, and reading was all there was to do.
        """
        if self.output == "json":
            self._print(self._envelope({"result": plain(value)}, status=status, ok=True))
        elif text:
            self._print(terminal_safe_lines(text))
        return status

    def failure(self, error: OccError) -> int:
        """Tell a failure: on stderr for people, in the envelope on stdout for programs."""
        if self.output != "json":
            self.tell(error)
            return error.exit_status
        message, hint = self.addressed(error.message), self.addressed(error.hint)
        body: dict[str, object] = {"code": error.code, "message": message, "hint": hint}
        if tail := getattr(error, "log_tail", ()):
            body["log_tail"] = list(tail)
        if differences := getattr(error, "differences", ()):
            body["differences"] = [plain(one) for one in differences]
        self._print(self._envelope({"error": body}, status=error.exit_status, ok=False))
        return error.exit_status

    def tell(self, error: OccError, service: str | None = None) -> None:
        """Tell a failure on stderr, for people: the container's last lines, what, and what now."""
        for line in getattr(error, "log_tail", ()):
            streams.err(f"  | {terminal_safe(line)}\n")
        what = terminal_safe_lines(self.addressed(error.message, service))
        streams.err(f"{streams.alarming('error:', sys.stderr)} {what}\n")
        if error.hint:
            streams.err(f"  try: {terminal_safe_lines(self.addressed(error.hint, service))}\n")

    def note(self, text: str, service: str | None = None) -> None:
        """Say something beside the result."""
        if not self.quiet:
            streams.err(f"{terminal_safe_lines(self.addressed(text, service))}\n")

    def _envelope(self, body: Mapping[str, object], *, status: int, ok: bool) -> str:
        told = {"occ": ENVELOPE, "command": self.command, "ok": ok, "exit_status": status, **body}
        text = json.dumps(told, ensure_ascii=False, indent=2, default=str)
        return escaped(text, _in_json)

    def _print(self, text: str) -> None:
        try:
            streams.out(f"{text}\n")
        except streams.OutputClosedError as error:
            if not self.changing:
                raise
            if error.why:
                self.note(f"note: the result could not be written: {error.why}")


def _in_json(each: str) -> str:
    """A character as an escape, which a parser reads as the same; the layout's newlines stay."""
    return each if each == "\n" else json.dumps(each)[1:-1]


def plain(value: object) -> Any:  # noqa: ANN401 - JSON of any shape
    """A result as JSON has it."""
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
