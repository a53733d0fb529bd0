"""The questions of setup, each answer checked as the config's own values are."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from occ.app.config.interview import Interview, Key, Question
from occ.domain.values import service_name
from occ.errors import ConfigError, UsageMistakeError
from occ.settings.keys import readers, short_syntax
from occ.settings.keys.health import path
from occ.settings.toml.node import Node, Source, each

NONE: Final = "none"
_HERE: Final = Path("answer")

_QUESTIONS: Final[Mapping[Key, str]] = {
    "service": "Name of the service, opencode or another",
    "image": "Image, as registry/name:tag",
    "port": "Ports, as host:container, or none",
    "bind": "Address of this machine to publish them on",
    "volume": "Volumes, as name:/path, or none",
    "mount": "Folders of this machine, as /folder:/path, or none",
    "env": "Environment, as NAME=value, or none",
    "secret": "Names of variables with secret values, or none",
    "network": "Networks of the engine to join, or none",
    "user": "Users inside the container, or none",
    "health": "Path that answers over HTTP when it is well, or none",
}


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions that are put to somebody, one after the other."""

    given: Mapping[Key, tuple[str, ...]]
    """Answers of the command line; such a question is not put."""
    interview: Interview

    def one(self, key: Key, default: str, read: Callable[[Node], object]) -> str:
        """A single answer."""
        (found,) = self.several(key, (default,) if default else (), read, several=False)
        return found

    def several(
        self,
        key: Key,
        default: tuple[str, ...],
        read: Callable[[Node], object],
        whole: Callable[[str], str] = str,
        *,
        several: bool = True,
    ) -> tuple[str, ...]:
        """Any number of answers, or else one; `whole` completes a short one."""
        given = self.given.get(key)
        while True:
            said = self._said(key, default, several=several) if given is None else given
            found = tuple(whole(one) for one in said)
            if several and found == (NONE,):
                return ()
            try:
                node = Node(Source(_HERE, str(Path.home())), (key,), list(found))
                each(read)(node)
                if several or len(found) == 1:
                    return found
                wrong = f"an answer is needed: {_QUESTIONS[key]}"
            except ConfigError as error:
                wrong = re.sub(rf"^{_HERE}: {key}\[\d+\] = ", "", error.message)
            if given is not None or not self.interview.again(wrong):
                raise UsageMistakeError(wrong, hint=f"occ setup --{key} ...")

    def _said(self, key: Key, default: tuple[str, ...], *, several: bool) -> tuple[str, ...]:
        usual = ", ".join(default) or (NONE if several else "")
        question = Question(key=key, text=_QUESTIONS[key], default=usual, several=several)
        said = self.interview.ask(question).strip()
        if not said:
            return default
        return tuple(said.replace(",", " ").split()) if several else (said,)


def whole_port(text: str) -> str:
    """`3000` is `3000:3000`."""
    number, slash, protocol = text.partition("/")
    return f"{number}:{number}{slash}{protocol}" if number.isascii() and number.isdigit() else text


def has_address(port: str) -> bool:
    """Whether a port is written with the address that it is published on."""
    return port.count(":") > 1


def service(node: Node) -> object:
    """The name of a service."""
    try:
        return service_name(node.text())
    except UsageMistakeError as error:
        raise node.bad(error.message, error.hint) from error


def address(node: Node) -> object:
    """An address of this machine."""
    return short_syntax.address(node, node.text())


def user(node: Node) -> object:
    """The name of a user."""
    return readers.users(_one(node))


def network(node: Node) -> object:
    """The name of a network."""
    return readers.networks(_one(node))


def secret(node: Node) -> object:
    """The name of a variable whose value is a secret."""
    return readers.secrets(_one(node))


def variable(node: Node) -> object:
    """A variable as `NAME=value`.

    Raises:
        ConfigError: it has no value, or looks like a secret.
    """
    name, equals, value = node.text().partition("=")
    if not equals:
        raise node.bad("it is no variable with a value", "write NAME=value")
    return readers.env(Node(node.source, ("env",), {name: value}))


def _one(node: Node) -> Node:
    """A list of this value alone."""
    return Node(node.source, node.path[:1], [node.value])


def health(node: Node) -> object:
    """A path, or none."""
    return None if node.value == NONE else path(node)
