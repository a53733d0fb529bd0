"""`[notify.NAME]`: who is told of what happens, and how."""

import re
from typing import Final

from occ.domain.happenings import HAPPENINGS
from occ.domain.secrets.places import placed_in
from occ.domain.secrets.secrecy import clean_argv
from occ.settings.keys import addresses, forms, measures, readers
from occ.settings.keys.setting import Form, Setting, Shape
from occ.settings.toml.node import Node

TARGET_NAME: Final = re.compile(r"(?=.{1,40}\Z)[a-z0-9]+(?:[_-][a-z0-9]+)*")
WAYS: Final = ("webhook", "plain", "command", "apprise")
"""The keys of which exactly one is written."""
_WORDS: Final[Shape] = {
    **forms.LIST,
    "minItems": 1,
    "prefixItems": [{"type": "string", "pattern": re.compile(r"/.*")}],
}
_FASTEST_MS: Final = 100
_SLOWEST_MS: Final = 60_000


def _program(node: Node) -> tuple[str, ...]:
    """Words, the first one an absolute path."""
    words = tuple(readers.text(word) for word in node.elements())
    if not words or not words[0].startswith("/"):
        raise node.bad(
            "the first word is not the absolute path of a program",
            'write it as ["/usr/local/bin/tell", "me"]',
        )
    if clean_argv(words) != words or placed_in(words):
        raise node.bad(
            "it holds a secret, and others can read the words of a program that runs",
            "list its name under secrets: the program has it in its environment",
        )
    return words


def _events(node: Node) -> tuple[str, ...]:
    """Words for what happens, each once."""
    found = tuple(element.text() for element in node.elements())
    wrong = next((word for word in found if word not in HAPPENINGS), None)
    if wrong is not None:
        raise node.bad(f'there is no "{wrong}"', f"the words are {', '.join(HAPPENINGS)}")
    if len({*found}) < len(found):
        raise node.bad("a word stands there twice", "take one out")
    return found


def _timeout(node: Node) -> int:
    return measures.duration(node, low=_FASTEST_MS, high=_SLOWEST_MS)


NOTIFY: Final = (
    Setting(
        key="webhook",
        form=forms.text(addresses.web, addresses.WEB),
        meaning="An address that takes a message as JSON by POST. A token in it is a place: "
        "`{{secret:NAME}}`. See [notifications](notifications.md).",
    ),
    Setting(
        key="plain",
        form=forms.text(addresses.web, addresses.WEB),
        meaning="An address that takes the text as the body of a POST and the title as a header, "
        "as ntfy does.",
    ),
    Setting(
        key="command",
        form=Form("list of words", _program, shape=_WORDS),
        meaning="A program that reads the JSON of a message on standard input; no shell. It is "
        "delivered when it ends with 0.",
    ),
    Setting(
        key="apprise",
        form=forms.text(addresses.any_scheme, addresses.ANY),
        meaning="An address as the library apprise has them, which reaches mail and many chat "
        "rooms. It needs `pipx install 'occ-journal[notify]'`.",
    ),
    Setting(
        key="sign",
        form=forms.text(addresses.place, addresses.PLACE),
        meaning="The place of the key by which a webhook is signed, as `{{secret:NAME}}`.",
    ),
    Setting(
        key="token",
        form=forms.text(addresses.place, addresses.PLACE),
        meaning="The place of a token that `webhook` and `plain` carry in the header "
        "`Authorization: Bearer`.",
    ),
    Setting(
        key="secrets",
        form=forms.names(readers.secrets, readers.VARIABLE),
        meaning="Secrets that the program has in its environment.",
    ),
    Setting(
        key="timeout",
        field="timeout_ms",
        form=Form(
            'seconds, or text such as `"30s"`',
            _timeout,
            measures.duration_text,
            shape=forms.duration_shape(_FASTEST_MS),
        ),
        default_text='`"10s"`',
        meaning="How long one try may take, at most a minute. After a changing command all tries "
        "together take 3 s at most.",
    ),
    Setting(
        key="events",
        form=Form(
            "list of " + ", ".join(f'`"{word}"`' for word in HAPPENINGS),
            _events,
            shape={"type": "array", "items": {"enum": [*HAPPENINGS]}, "uniqueItems": True},
        ),
        default_text='`["failed", "needs_person", "done_by_auto"]`',
        meaning="What this target is told of.",
    ),
)
