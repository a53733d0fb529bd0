"""Secrets in the environment and the command of a container: found, and given a place."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from occ.domain.secrecy import clean_argv, holds_secret, place

_NAMED = re.compile(r"(?P<option>-{0,2}(?P<name>\w[\w.-]*)=)(?P<value>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Variables and words without secrets, and the values by name."""

    env: Mapping[str, str]
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    values: Mapping[str, str] = field(repr=False)
    obstacles: tuple[str, ...]


def hide(
    env: Iterable[str],
    entrypoint: Sequence[str],
    command: Sequence[str],
    secret: Collection[str],
) -> Hidden:
    """Take out what looks like a secret, and the variables named in `secret`.

    A name in `secret` that is none of theirs is an obstacle: mistyped, it would leave the value of
    the one that was meant in the config and the journal.
    """
    shown: dict[str, str] = {}
    values: dict[str, str] = {}
    env = tuple(env)
    there = {one.partition("=")[0] for one in env}
    obstacles = [f"it has no variable {name} of its own" for name in secret if name not in there]
    for one in env:
        name, equals, value = one.partition("=")
        if not equals:
            obstacles.append(f"it takes the image's variable {name} away, which occ cannot say")
        elif (name in secret and value) or holds_secret(name, value):
            values[name] = value
        else:
            shown[name] = value
    words = [*entrypoint, *command]
    cleaned = clean_argv(words)
    for index, word in enumerate(words):
        if word != cleaned[index]:
            words[index] = _placed(word, cleaned[index], values, {*shown, *values})
    obstacles += [
        f"the value of {name} has a line break or quotes around it: a secrets file cannot hold it"
        for name, value in values.items()
        if _unfit(value)
    ]
    return Hidden(
        env=shown,
        entrypoint=tuple(words[: len(entrypoint)]),
        command=tuple(words[len(entrypoint) :]),
        values=values,
        obstacles=tuple(obstacles),
    )


def _placed(word: str, cleaned: str, values: dict[str, str], taken: Collection[str]) -> str:
    """The word with a place instead of its value, which goes under a name of its own."""
    named = _NAMED.fullmatch(word)
    fits = named is not None and cleaned == f"{named['option']}***"
    stem = re.sub(r"\W", "_", named["name"]).upper() if named and fits else "COMMAND_SECRET"
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    values[name] = named["value"] if named and fits else word
    return (named["option"] if named and fits else "") + place(name)


def _unfit(value: str) -> bool:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return quoted or any(sign in value for sign in "\n\r\0")
