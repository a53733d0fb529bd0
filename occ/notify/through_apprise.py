"""Targets that the library apprise reaches: mail, chat rooms and telephones of many makers."""

import logging
from dataclasses import dataclass, field
from typing import Any

from occ.domain.messages import Message
from occ.errors import ConfigError
from occ.notify.port import DELIVERED, Answer

MISSING = "pip install 'occ-journal[notify]'"


def the_library() -> Any:  # noqa: ANN401 - a module of an extra
    """The library, silent: its warnings would come between a command's own words.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        import apprise  # noqa: PLC0415 - an extra
    except ImportError:
        raise ConfigError(
            "the key apprise needs a library that is not installed here", hint=MISSING
        ) from None
    log = logging.getLogger("apprise")
    log.propagate = False
    log.addHandler(logging.NullHandler())
    return apprise


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughApprise:
    """Hands a message to the library."""

    url: str = field(repr=False)
    library: Any

    def send(self, message: Message, timeout_ms: int) -> Answer:  # noqa: ARG002 - it has times of its own
        """Hand it over; see the port."""
        way = self.library.Apprise()
        sort = "warning" if message.urgent else "info"
        try:
            if not way.add(self.url):
                return Answer("failed", "apprise does not know this address")
            taken = way.notify(body=message.text, title=message.title, notify_type=sort)
        except Exception as error:  # noqa: BLE001 - plugins of many makers
            return Answer("failed", f"apprise failed ({type(error).__name__})")
        return DELIVERED if taken else Answer("failed", "apprise could not deliver it")
