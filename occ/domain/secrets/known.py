"""Known values of secrets in the other texts of a spec: replaced by their places, or named.

A value of 8 characters and more that is no word of the declaration is taken out wherever it stands.
A shorter one, or one that is also the image, a name, a path, a user, a network, a port or a plain
word, is told from its namesakes by where it stands: it fills a field alone, or follows an option
for passwords or `user:`. `POSTGRES_PASSWORD=postgres` changes nothing else of `postgres:15`.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from occ.domain.secrets.places import between_places, mapped, place, texts
from occ.domain.secrets.spec_places import PLACED_FIELDS, UNFILLED_ENGINE_KEYS
from occ.domain.spec import Spec
from occ.domain.values import Json

_SURE: Final = 8
"""Values of this many characters are hardly anything else by chance."""
_LONGEST_WORD: Final = 15
"""Letters alone, up to this many, may be a word of a language."""
_SHORTEST: Final = 4
"""Shorter values are looked for nowhere: `1` stands everywhere."""

# The engine's own words in which people write passwords; elsewhere a short text is a name of its.
_FREE_ENGINE_KEYS: Final = frozenset({"Healthcheck", "LogConfig"})
_NAMING_ENGINE_KEYS: Final = (
    *("Binds", "CgroupParent", "Devices", "Domainname", "EndpointsConfig", "ExtraHosts"),
    *("Hostname", "Runtime", "WorkingDir"),
)
_NAMING_VARIABLE: Final = r"(?:.*_)?(?:database|db|host|hostname|name|port|schema|user|username)"
_BEFORE_PASSWORDS: Final = (
    r"(?<!\S)(?:-p|-a\s+|--(?:pass|password)(?:\s+|=)|(?:-u|--user|--userpwd)(?:\s+|=)?"
    r"[\"']?[\w.@-]+:)"
)
_OPTION_BEFORE: Final = r"-a|-p|--?(?:pass|password|requirepass)"


def identifiers(spec: Spec, *called: str) -> frozenset[str]:
    """The words that a declaration is made of, which a password may be equal to by laziness.

    `called` are the image and the names of service and container.
    """
    named = (value for name, value in spec.env.items() if _matches(_NAMING_VARIABLE, name))
    said = (
        *called,
        *named,
        *(str(number) for port in spec.ports for number in (port.container, port.host)),
        *(text for volume in spec.volumes for text in (volume.name, volume.path)),
        *(text for mount in spec.mounts for text in (mount.source, mount.path)),
        spec.user,
        *spec.networks,
        *texts([spec.engine.get(key) for key in _NAMING_ENGINE_KEYS]),
        *_mounted(spec.engine.get("Mounts")),
    )
    return frozenset(word for text in said for word in (text, *re.split(r"\W|_", text)))


def is_sure(value: str, words: Collection[str]) -> bool:
    """Whether a value is this secret wherever it stands."""
    if len(value) < _SURE or value in words:
        return False
    return not (value.isalpha() and len(value) <= _LONGEST_WORD)


def without_known(spec: Spec, values: Mapping[str, str], words: Collection[str]) -> Spec:
    """The spec with places in the stead of known values; `words` are its identifiers."""
    long = {name: value for name, value in values.items() if len(value) >= _SHORTEST}
    sure = {name: value for name, value in long.items() if is_sure(value, words)}
    doubtful = {name: value for name, value in long.items() if name not in sure}
    wide = partial(_replaced, sure=sure, doubtful=doubtful, words=words)
    narrow = partial(_replaced, sure=sure, doubtful={}, words=words)
    free = {field: mapped(getattr(spec, field), wide) for field in PLACED_FIELDS[:-1]}
    engine = {
        key: value
        if key in UNFILLED_ENGINE_KEYS
        else mapped(value, wide if key in _FREE_ENGINE_KEYS else narrow)
        for key, value in spec.engine.items()
    }
    return replace(spec, **free, engine=engine)


def namesakes(
    spec: Spec, values: Mapping[str, str], words: Collection[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each secret whose value still stands in a spec as a word, with the fields where it does.

    Only doubtful values can: whether they are the secret there, a person alone can tell.
    """
    for name, value in values.items():
        if len(value) >= _SHORTEST and not is_sure(value, words):
            word = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")
            fields = tuple(key for key, said in _told(spec) if any(map(word.search, texts(said))))
            if fields:
                yield name, fields


def strays(spec: Spec, values: Mapping[str, str], *called: str) -> Iterator[tuple[str, str]]:
    """Each field in which the value of a secret stands in clear for sure, with the secret's name.

    `called` are as for `identifiers`.
    """
    words = identifiers(spec, *called)
    for name, value in values.items():
        if is_sure(value, words):
            for key, said in _told(spec):
                if any(value in text for text in texts(said)):
                    yield key, name


def _replaced(
    text: str,
    before: str,
    *,
    sure: Mapping[str, str],
    doubtful: Mapping[str, str],
    words: Collection[str],
) -> str:
    for name, value in doubtful.items():
        whole = text == value and (value not in words or _matches(_OPTION_BEFORE, before))
        if whole:
            return place(name)
    if sure:
        text = between_places(text, partial(_sub, _alternatives(sure), sure))
    for name, value in doubtful.items():
        after = rf"(?P<kept>{_BEFORE_PASSWORDS}){re.escape(value)}(?!\w)"
        text = between_places(text, partial(_sub, after, {name: value}))
    return text


def _sub(pattern: str, values: Mapping[str, str], text: str) -> str:
    names = {value: name for name, value in tuple(values.items())[::-1]}

    def placed(found: re.Match[str]) -> str:
        kept = found.groupdict().get("kept", "")
        return kept + place(names[found[0][len(kept) :]])

    return re.sub(pattern, placed, text)


def _alternatives(values: Mapping[str, str]) -> str:
    longest_first = sorted(values.values(), key=len, reverse=True)
    return "|".join(re.escape(value) for value in longest_first)


def _told(spec: Spec) -> Iterator[tuple[str, object]]:
    """Each field, entry of a table or key of the engine, as people would find it in the config."""
    yield from ((f"env.{name}", value) for name, value in spec.env.items())
    yield from ((f"labels.{name}", value) for name, value in spec.labels.items())
    yield from (("command", spec.command), ("entrypoint", spec.entrypoint))
    yield from ((f"engine.{key}", value) for key, value in spec.engine.items())


def _mounted(mounts: Json) -> Iterator[str]:
    for mount in mounts if isinstance(mounts, list) else ():
        if isinstance(mount, dict):
            yield from (str(mount.get(key, "")) for key in ("Source", "Target"))


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.IGNORECASE) is not None
