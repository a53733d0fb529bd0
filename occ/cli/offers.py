"""Words that can be typed at a place of the command line, read from config and journal.

No engine is asked. Where config or journal cannot be used nothing is offered: the command itself
will say what is wrong with them.
"""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeAlias

import click

from occ.cli import COMMANDS
from occ.cli.help import first_sentence
from occ.cli.session import Session
from occ.cli.terminal.words import moment, terminal_safe
from occ.errors import OccError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_CHOICE = re.compile(r"`([^`]*)`")
_CHOICES = re.compile(r'`"?[a-z-]+"?`(?:(?:, | or |, or )`"?[a-z-]+"?`)*')
_SUCH_AS = re.compile(r",? or an? [a-z]+ such as `[^`]*`")

Offer: TypeAlias = tuple[str, str]
Complete: TypeAlias = Callable[
    [click.Context, click.Parameter, str], "list[CompletionItem[str] | str]"
]


def offering(found: Callable[[Session], Iterable[Offer]]) -> Complete:
    """A completion as Click wants it; `found` brings words, each with a text to show beside it."""

    def complete(
        context: click.Context, _parameter: click.Parameter, begun: str
    ) -> "list[CompletionItem[str] | str]":
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - for a TAB only

        session = context.find_object(Session)
        if session is None:  # help is made for a page, nothing runs
            return []
        try:
            offers = list(found(session))
        except OccError:
            return []
        return [
            CompletionItem(word, help=terminal_safe(text))
            for word, text in offers
            if word.startswith(begun) and word == terminal_safe(word)
        ]

    return complete


def _commands(_session: Session) -> Iterable[Offer]:
    return [(name, meaning) for name, (_, meaning) in COMMANDS.items()]


def _services(session: Session) -> Iterable[Offer]:
    return [(service.name, service.reference) for service in session.app.settings.services.values()]


def _targets(session: Session) -> Iterable[Offer]:
    from occ.app.outbox.targets import address_of  # noqa: PLC0415 - help offers nothing

    every = session.app.settings.notify.values()
    return [(target.name, address_of(target)) for target in every]


def _versions(session: Session) -> Iterable[Offer]:
    from occ.app.ledgers import ledger_of  # noqa: PLC0415 - help offers nothing

    app = session.app
    ledger = ledger_of(app.desk.journal, app.service_name(session.service))
    for number, record in sorted(ledger.versions.items(), reverse=True):
        current = " current" if number == ledger.current else ""
        text = f"{record.version.reference} {moment(record.created_at)} {record.standing}{current}"
        yield str(number), text


def _operations(session: Session) -> Iterable[Offer]:
    from occ.app.view.history import begun  # noqa: PLC0415 - for these alone

    for entry, planned in begun(session.app.desk, session.service or ""):
        text = f"{planned.kind} {entry.service} {moment(entry.at)} {planned.actor.operator}"
        yield str(entry.operation), text


def _snapshots(session: Session) -> Iterable[Offer]:
    from occ.app.ledgers import snapshots_of  # noqa: PLC0415 - for these alone

    app = session.app
    known = snapshots_of(app.desk.journal, app.service_name(session.service))
    return [(str(number), moment(record.taken_at)) for number, record in known.items()]


def _data(session: Session) -> Iterable[Offer]:
    words = [("then", "that of the version's own day"), ("keep", "today's")]
    return [*words, *_snapshots(session), *_kept_sets(session)]


def _kept_sets(session: Session) -> Iterable[Offer]:
    from occ.app.ledgers import ledger_of  # noqa: PLC0415 - for these alone

    app = session.app
    left = ledger_of(app.desk.journal, app.service_name(session.service)).data.left
    return [(f"set:{number}", f"left {moment(one.at)}") for number, one in left.items()]


def _users(session: Session) -> Iterable[Offer]:
    from occ.app.ledgers import ledger_of  # noqa: PLC0415 - as above

    app = session.app
    service = app.settings.service(app.service_name(session.service))
    there = ledger_of(app.desk.journal, service.name).users
    return [(name, "") for name in dict.fromkeys((*service.users, *there))]


def _secrets(session: Session) -> Iterable[Offer]:
    app = session.app
    return [(name, "") for name in app.settings.service(session.service).spec.secrets]


def _keys(session: Session) -> Iterable[Offer]:
    from occ.settings.catalogue import SETTINGS  # noqa: PLC0415 - for these alone

    for row in SETTINGS:
        of_service = row.key.startswith("services.NAME.")
        for name in session.app.settings.services if of_service else ("",):
            key = row.key.replace("NAME", name, 1) if of_service else row.key
            yield key, first_sentence(row.meaning)


def values(
    context: click.Context, parameter: click.Parameter, begun: str
) -> "list[CompletionItem[str] | str]":
    """The values that the key before them can have, where they are words; those of a list last."""
    key = str(context.params.get("key") or "")
    return offering(lambda session: _values(session, key))(context, parameter, begun)


def _values(session: Session, key: str) -> Iterable[Offer]:
    from occ.settings.catalogue import SETTINGS  # noqa: PLC0415 - for these alone

    of_service = {f"services.{name}." for name in session.app.settings.services}
    whole = next((key.removeprefix(one) for one in of_service if key.startswith(one)), key)
    for row in SETTINGS:
        if row.key.removeprefix("services.NAME.") == whole:
            for word in words_of(row.form):
                yield word, "the default" if word in words_of(row.default) else ""


def words_of(form: str) -> tuple[str, ...]:
    """The words that a value can be, by its form on the page of settings; empty for free texts.

    A form that tells what a text looks like, as `"name:group"` does, names no words.
    """
    choices = _SUCH_AS.sub("", form).replace("[:N]", "")
    if not _CHOICES.fullmatch(choices):
        return ()
    return tuple(word.strip('"') for word in _CHOICE.findall(choices))


def soft_reasons(
    _context: click.Context, _parameter: click.Parameter, begun: str
) -> "list[CompletionItem[str] | str]":
    """The names of soft reasons, also behind a comma."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - for a TAB only

    from occ.domain.reasons import REASONS, SOFT  # noqa: PLC0415 - as above

    before, comma, last = begun.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{name}", help=REASONS[name].meaning)
        for name in SOFT
        if name.startswith(last) and name not in before.split(",") and not REASONS[name].unattended
    ]


commands = offering(_commands)
targets = offering(_targets)
services = offering(_services)
versions = offering(_versions)
operations = offering(_operations)
snapshots = offering(_snapshots)
data = offering(_data)
users = offering(_users)
secrets = offering(_secrets)
keys = offering(_keys)


def files(
    _context: click.Context, _parameter: click.Parameter, begun: str
) -> "list[CompletionItem[str] | str]":
    """The files that the shell finds."""
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - as above

    return [CompletionItem(begun, type="file")]
