"""Secrets in the texts of a container's spec: found, and given places."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from occ.domain.secrets.known import identifiers, namesakes, without_known
from occ.domain.secrets.places import place
from occ.domain.secrets.secrecy import MASK, clean, clean_argv, holds_secret, looks_secret, suspects
from occ.domain.secrets.spec_places import UNFILLED_ENGINE_KEYS, placed_secrets
from occ.domain.spec import Spec
from occ.domain.values import Json

_NAMED: Final = r"(?P<option>-{0,2}(?P<name>\w[\w.-]*)=)(?P<value>.*)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A spec without the values of secrets, and these by name."""

    spec: Spec
    values: Mapping[str, str] = field(repr=False)
    notes: tuple[str, ...]
    obstacles: tuple[str, ...]


def hide(spec: Spec, secret: Collection[str], *called: str) -> Hidden:
    """Take out what looks like a secret, the variables named in `secret`, and the same elsewhere.

    A name in `secret` that is no variable of the spec is an obstacle: mistyped, it would leave the
    value of the one that was meant in the config and the journal. `called` are the image and the
    names of service and container.
    """
    words = identifiers(spec, *called)
    own = {
        name: value
        for name, value in spec.env.items()
        if (name in secret and value) or holds_secret(name, value)
    }
    found = _Found(taken={*spec.env}, values=dict(own))
    shown = {name: value for name, value in spec.env.items() if name not in own}
    bare = replace(
        spec,
        env=shown,
        entrypoint=tuple(found.in_words(spec.entrypoint, "COMMAND_SECRET")),
        command=tuple(found.in_words(spec.command, "COMMAND_SECRET", spec.entrypoint)),
        labels={name: found.in_named(name, value) for name, value in spec.labels.items()},
        engine={key: found.in_engine(key, value) for key, value in spec.engine.items()},
    )
    parts = dict(_parts(own, found.free))
    bare = without_known(bare, {**found.values, **parts}, words)
    placed = placed_secrets(bare)
    found.values.update({name: value for name, value in parts.items() if name in placed})
    env = {**bare.env, **{name: place(name) for name in own if name in placed}}
    return Hidden(
        spec=replace(bare, env=env, secrets=tuple(found.values)),
        values=found.values,
        notes=tuple(_doubts(bare, found.values, words)),
        obstacles=tuple(
            f"it has no variable {name} of its own" for name in secret if name not in spec.env
        ),
    )


@dataclass(slots=True)
class _Found:
    """The values that were found so far, by the names that they have from now on."""

    taken: set[str]
    """The names of variables, which stand for nothing else."""
    values: dict[str, str]

    def place_of(self, stem: str, value: str) -> str:
        """The place of a value: of a secret that has it already, else under a name of its own."""
        known = (name for name, one in self.values.items() if one == value)
        name = next(known, self.free(stem))
        self.values[name] = value
        return place(name)

    def free(self, stem: str) -> str:
        """A name that nothing has yet."""
        stem = re.sub(r"[^A-Za-z0-9_]", "_", stem).upper()
        stem = stem if re.match(r"[A-Z_]", stem) else f"_{stem}"
        name, number = stem, 1
        while name in self.taken or name in self.values:
            number += 1
            name = f"{stem}_{number}"
        return name

    def in_words(
        self, words: Sequence[str], stem: str, before: Sequence[str] = ()
    ) -> Iterator[str]:
        """The words of a command with places; `before` are the words before them."""
        cleaned = clean_argv([*before, *words])[len(before) :]
        for word, masked in zip(words, cleaned, strict=True):
            yield word if word == masked else self._in_word(word, masked, stem)

    def in_named(self, name: str, value: str) -> str:
        """The value of a label or an option, with places."""
        whole = looks_secret(name) or clean(value) == value
        if whole and holds_secret(name, value):
            return self.place_of(name, value)
        return self._in_text(value, name)

    def in_engine(self, key: str, value: Json) -> Json:
        """Words of the engine's own, with places."""
        if key in UNFILLED_ENGINE_KEYS:
            return value
        match value:
            case str():
                return self.in_named(key, value)
            case list():
                words = [one for one in value if isinstance(one, str)]
                if len(words) == len(value):
                    return list(self.in_words(words, f"{key}_SECRET"))
                return [self.in_engine(key, one) for one in value]
            case dict():
                stems = {"Test": "HEALTHCHECK"}
                return {name: self.in_engine(stems.get(name, name), v) for name, v in value.items()}
            case _:
                return value

    def _in_word(self, word: str, masked: str, stem: str) -> str:
        named = re.fullmatch(_NAMED, word, re.DOTALL)
        if masked == MASK:
            return self.place_of(stem, word)
        if named is not None and masked == f"{named['option']}{MASK}":
            return named["option"] + self.place_of(named["name"], named["value"])
        return self._in_text(word, stem)

    def _in_text(self, text: str, stem: str) -> str:
        """A text with places within; as a whole one place, where that leaves something."""
        pieces, at, before = [], 0, dict(self.values)
        for one in suspects(text):
            value = text[one.start : one.end]
            pieces += [text[at : one.start], self.place_of(one.name or stem, value)]
            at = one.end
        found = "".join((*pieces, text[at:]))
        if clean(found) == found:
            return found
        self.values = before  # those that were found stand nowhere
        return self.place_of(stem, text)


def _parts(own: Mapping[str, str], free: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """The passwords within variables that are secrets as a whole, such as the URL of a database."""
    known = set(own.values())
    for name, value in own.items():
        for one in suspects(value):
            part = value[one.start : one.end]
            if part not in known:
                known.add(part)
                yield free(f"{name}_SECRET"), part


def _doubts(spec: Spec, values: Mapping[str, str], words: Collection[str]) -> Iterator[str]:
    for name, fields in namesakes(spec, values, words):
        yield (
            f"the value of {name} is short or a common word, and stays where it may stand for "
            f"something else: {', '.join(fields)}; if it is the secret there, write {place(name)}"
        )
