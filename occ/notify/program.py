"""Targets that are a program of this machine."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from occ.domain.messages import Message
from occ.domain.programs import Program
from occ.errors import OccError
from occ.notify.port import DELIVERED, Answer
from occ.programs.port import Programs


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Hands a message to a program, as JSON on its standard input."""

    name: str
    """The key that declares it."""
    words: tuple[str, ...]
    programs: Programs
    secrets: Mapping[str, str] = field(repr=False)

    def send(self, message: Message, timeout_ms: int) -> Answer:
        """Run it; see the port. Its output is read and dropped."""
        program = Program(name=self.name, words=self.words, timeout_ms=timeout_ms)
        body = json.dumps(message.as_json(), ensure_ascii=False).encode()
        told = {"OCC_EVENT": message.event, "OCC_TITLE": message.title, "OCC_TEXT": message.text}
        try:
            ended = self.programs.run(program, body=body, told=told, secrets=self.secrets)
        except OccError as error:
            return Answer("failed", error.message)
        return DELIVERED if ended.good else Answer("failed", f"its program {ended.words}")
