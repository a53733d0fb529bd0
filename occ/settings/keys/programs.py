"""`[services.NAME]`: the programs that have a say in a change, and `[services.NAME.hooks]`."""

import re
from collections.abc import Mapping
from typing import Any, Final

from occ.domain.hooks import PLACES, AfterWait, Hook, OnUnknown, Where
from occ.domain.secrets.places import place, placed_in
from occ.domain.secrets.secrecy import clean_argv, holds_secret
from occ.settings.keys import forms, readers
from occ.settings.keys.setting import Form, Setting, Shape, Table, plain, table_of
from occ.settings.toml.node import Node

_PATH: Final = re.compile("/.*")
_TOLD: Final = re.compile("OCC_.*|PATH|HOME|LANG|TZ")
_WORDS: Final[Shape] = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_LISTS: Final[Shape] = {"type": "array", "items": _WORDS}


def words(node: Node) -> tuple[str, ...]:
    """The words of a program, which no shell ever splits.

    Raises:
        ConfigError: they are no list, or hold a secret: every process list shows them.
    """
    found = tuple(element.text() for element in node.elements())
    if not found or not found[0]:
        raise node.bad("there is no program", 'write ["/path/of/program", "word", ...]')
    if clean_argv(found) != found or placed_in(found):
        raise node.bad(
            "it holds a secret, and everybody on the machine sees a program's words",
            'write program_env = { NAME = "{{secret:NAME}}" }, and have the program read $NAME',
        )
    return found


def on_host(node: Node) -> tuple[str, ...]:
    """The words of a program of this machine, by its absolute path.

    Raises:
        ConfigError: as above, or the path is not absolute.
    """
    found = words(node)
    if not _PATH.fullmatch(found[0]):
        fix = "write its whole path: which program it is may not depend on PATH"
        raise next(node.elements()).bad("it is no absolute path", fix)
    return found


def _gates(node: Node) -> tuple[tuple[str, ...], ...]:
    return tuple(on_host(element) for element in node.elements())


def program_env(node: Node) -> Mapping[str, str]:
    """Variables of hooks and gate commands, each the place of a secret or a plain text.

    Raises:
        ConfigError: a name is occ's own, or a value is a secret in clear.
    """
    found: dict[str, str] = {}
    for entry in node.entries('program_env = { NAME = "{{secret:NAME}}" }'):
        name = str(entry.path[-1])
        if not readers.VARIABLE.fullmatch(name) or _TOLD.fullmatch(name):
            fix = "choose another name: letters, digits and _, and none of PATH, HOME, LANG, TZ"
            raise entry.bad("programs get no variable of this name from here", fix)
        value = entry.text()
        if holds_secret(name, value):
            fix = f'write "{place(name)}", and give the value with occ secret set'
            raise entry.bad("it looks like a secret", fix)
        found[name] = value
    return found


HOOK: Final = (
    Setting(
        key="run",
        form=Form("list of words", words, shape=_WORDS),
        default_text="none: it must be written",
        meaning="The program and its words; there is no shell. On the host by its absolute path.",
    ),
    Setting(
        key="undo",
        form=Form("list of words", words, shape=_WORDS),
        meaning="Run when the change is put back and the hook was begun, whatever came of it. It "
        "may be run twice.",
    ),
    Setting(
        key="in",
        field="where",
        form=forms.choice(Where),
        default_text='`"host"`',
        meaning="Where it runs: on this machine, in the container that is replaced, or in the "
        "replacement.",
    ),
    Setting(
        key="timeout",
        field="timeout_ms",
        form=forms.duration('seconds, or text such as `"90s"`', low=1),
        default_text='`"60s"`',
        meaning="How long it may run; then it is ended, and has failed.",
    ),
    Setting(
        key="once",
        form=forms.FLAG,
        default_text="`false`",
        meaning="Where occ dies while it runs and nobody sees its end, it is not run again: the "
        "change is put back.",
    ),
)


def _hook(node: Node) -> Hook:
    table = Table.of(node, HOOK, 'pre_stop = { run = ["/path/of/program"] }')
    if not table.has("run"):
        raise node.bad("run is missing", 'add run = ["/path/of/program", "word", ...]')
    found = Hook(**{"run": (), **table.values_of(Hook)})
    early = str(node.path[-1]).startswith("pre_")
    if found.where == "new" and early:
        raise table.at("in").bad("the new container does not run yet", 'write "host" or "old"')
    if found.where == "old" and not early:
        raise table.at("in").bad("the old container is stopped by then", 'write "host" or "new"')
    for key in ("run", "undo"):
        if found.where == "host" and table.has(key):
            on_host(table.at(key))
    return found


def _hook_table(found: Hook) -> Mapping[str, object]:
    return table_of(HOOK, Hook(run=()), found)


_MEANINGS: Final = {
    "pre_update": "before anything is made; 75 puts the change off",
    "pre_stop": "before the old container is stopped; 75 puts the change off",
    "post_start": "when the new container was started, before its gate",
    "post_health": "when it has passed its gate, before it becomes the current one; any status "
    "but 0 and 75 says that this version is bad",
}
HOOKS: Final = tuple(
    Setting(
        key=name,
        form=Form("table", _hook, _hook_table, shape=forms.TABLE),
        meaning=f"Run {_MEANINGS[name]}. See `[services.NAME.hooks.PLACE]`.",
    )
    for name in PLACES
)


def hooks(node: Node) -> Mapping[str, Hook]:
    """The hooks by their places, in the order in which they run.

    Raises:
        ConfigError: something in them cannot be used.
    """
    table = Table.of(node, HOOKS, 'pre_stop = { run = ["/path/of/program"] }')
    return {name: table.take(name, None) for name in PLACES if table.has(name)}


def _hooks_table(found: Mapping[str, Hook]) -> Mapping[str, Any]:
    return {name: plain(_hook_table(one)) for name, one in found.items()}


PROGRAMS: Final = (
    Setting(
        key="accept",
        form=Form("list of lists of words", _gates, shape=_LISTS),
        meaning="Gate commands: each is a program that is asked about an image before it is "
        "pulled, with REPOSITORY@DIGEST and that of the image that runs as its last two words. "
        "0 accepts it. See [Hooks](hooks.md).",
    ),
    Setting(
        key="accept_timeout",
        field="accept_timeout_ms",
        form=forms.duration('seconds, or text such as `"90s"`', low=1),
        default_text='`"60s"`',
        meaning="How long each gate command may take.",
    ),
    Setting(
        key="on_unknown",
        form=forms.choice(OnUnknown),
        default_text='`"block"`',
        meaning="Whether an image passes about which a gate command gave no answer: it ended with "
        "75 or by a signal, took too long, or could not be started.",
    ),
    Setting(
        key="defer",
        form=Form("list of words", words, shape=_WORDS),
        meaning="A program that is run inside the container before an update: 0 lets it begin, all "
        "else puts it off.",
    ),
    Setting(
        key="max_wait",
        field="max_wait_ms",
        form=forms.long_time('text such as `"2d"` or `"36h"`, or seconds'),
        default_text='`"48h"`',
        meaning="How long an update is put off at most, from the first time on.",
    ),
    Setting(
        key="after_wait",
        form=forms.choice(AfterWait),
        default_text='`"window"`',
        meaning="When an update by schedule goes on after that: at the next opening of its window, "
        "or `anyway`, at once.",
    ),
    Setting(
        key="program_env",
        form=Form("table of texts", program_env, shape=forms.TEXTS),
        meaning="Variables of hooks and gate commands on the host. `{{secret:NAME}}` is filled in "
        "from `occ secret set NAME`; they have no variable else but PATH, HOME, LANG, TZ and "
        "`OCC_*`.",
    ),
    Setting(
        key="hooks",
        form=Form("table", hooks, _hooks_table, shape=forms.TABLE),
        meaning="See `[services.NAME.hooks]`.",
    ),
)
