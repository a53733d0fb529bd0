"""Plan tokens: a plan in one word, by which a later call does exactly that plan or says what moved.

A token is `occ1.` and base64url of canonical JSON. It holds no secret, is no permission, and
nobody has signed it: whoever types one is asked, or says `--yes`, as without.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from typing import Final

from occ.domain.request import StepPlan
from occ.domain.total import MOST_NUMBER, json_value
from occ.domain.values import Json
from occ.errors import PlanTokenError

PREFIX: Final = "occ1."
VALID_MS: Final = 86_400_000
"""How long a plan is good unless `--valid` says otherwise."""
LONGEST_MS: Final = 30 * 86_400_000
_MOST_CHARACTERS: Final = 1 << 16
_MOST_TEXT: Final = 512
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One point in which things are not as they were planned, in words."""

    field: str
    """The token's name for it."""
    planned: str
    now: str

    def __str__(self) -> str:
        return f"{LABELS.get(self.field, self.field)}: {self.planned} -> {self.now}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanToken:
    """The facts that a plan was made from, and what it would do."""

    journal: str
    """The journal's id; empty for one that begins with this plan."""
    service: str
    engine: str
    """The engine's id."""
    kind: str
    position: int
    """That of the last entry of the service's operations; 0 for none."""
    current: int
    """The current version; 0 for none."""
    container: str
    """The id of the container found; empty for none."""
    state: str
    """The state that it was found in."""
    digest: str
    """The digest of the image that it leads to at its registry; empty where none has it."""
    image: str
    """The id of that image, where it has no digest; empty also where no image comes."""
    spec: str
    """The digest of the spec that the container has afterwards; empty for that which it has."""
    users: tuple[str, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    """The keyed digests of the secrets, by name; empty ones where no key was made yet."""
    data: str
    """The data afterwards: `keep`, `set N`, or `set N of snapshot M`."""
    snapshot: str
    """Whether a snapshot is taken before the start: `taken`, `left`, or empty where none could."""
    rehearsal: str
    """The data of the rehearsal; `left` where it cannot be made; empty for none."""
    does: str
    """How far it goes: `all`, `rehearse` or `nothing`."""
    steps: str
    """A digest of the steps of its first stage."""
    plan: int
    """The form of plans of the occ that made it."""
    occ: str
    """The version of that occ."""
    planner: str
    """Who says to have planned it: `LOGIN on MACHINE`."""
    at: int
    """When it was planned, ms since 1970 UTC."""
    until: int
    """The end of its time, ms since 1970 UTC."""

    def text(self) -> str:
        """The token as it is typed."""
        data = {**asdict(self), "users": list(self.users), "fingerprints": {**self.fingerprints}}
        body = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return PREFIX + urlsafe_b64encode(body.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "PlanToken":
        """Read a token, which may be any text.

        Raises:
            PlanTokenError: it is not exactly what this occ writes.
        """
        try:
            found = cls._read(text)
        except (ValueError, TypeError) as error:
            raise _malformed(str(error)) from None
        if found.text() != text:  # one plan has one token, so that its hash names it
            raise _malformed("it is not written as occ writes one")
        return found

    @classmethod
    def _read(cls, text: str) -> "PlanToken":
        body = text.removeprefix(PREFIX)
        if body == text:
            raise ValueError(f"it does not begin with {PREFIX}")
        if len(text) > _MOST_CHARACTERS:
            raise ValueError(f"it is longer than {_MOST_CHARACTERS} characters")
        try:
            raw = urlsafe_b64decode(body.encode("ascii") + b"=" * (-len(body) % 4))
            value = json_value(raw.decode())
        except ValueError:
            raise ValueError("it is not base64url of JSON") from None
        names = {one.name for one in fields(cls)}
        if not isinstance(value, dict) or value.keys() != names:
            raise ValueError("it has other fields than a plan of this occ")
        users, prints = value.pop("users"), value.pop("fingerprints")
        for name, one in value.items():
            wanted = int if name in _NUMBERS else str
            if type(one) is not wanted or not _fits(one):
                raise ValueError(f"{name} is out of bounds")
        if not isinstance(users, list) or not all(map(_is_text, users)):
            raise ValueError("users is no list of names")
        if not isinstance(prints, dict) or not all(map(_is_text, (*prints, *prints.values()))):
            raise ValueError("fingerprints is no table of texts")
        if not 0 < value["until"] - value["at"] <= LONGEST_MS:
            raise ValueError("its time is out of bounds")
        return cls(users=tuple(users), fingerprints=prints, **value)

    def moved(self, now: "PlanToken") -> tuple[Moved, ...]:
        """The points in which the plan of now differs; who planned, and when, is none of them."""
        return tuple(self._moved(now))

    def _moved(self, now: "PlanToken") -> Iterator[Moved]:
        for name in LABELS:
            before, after = getattr(self, name), getattr(now, name)
            if before == after:
                continue
            if name == "fingerprints":
                for secret in sorted({*before} | {*after}):
                    one, other = before.get(secret), after.get(secret)
                    if one != other:
                        yield Moved(field=f"{name}.{secret}", planned=_told(one), now=_told(other))
            else:
                yield Moved(field=name, planned=_told(before), now=_told(after))


LABELS: Final[Mapping[str, str]] = {
    "journal": "the journal",
    "service": "the service",
    "engine": "the engine",
    "kind": "the kind of change",
    "position": "the last entry of its operations",
    "current": "the current version",
    "container": "the container",
    "state": "the container's state",
    "digest": "the image's digest",
    "image": "the image",
    "spec": "the configuration",
    "users": "the users",
    "fingerprints": "the secrets",
    "data": "the data",
    "snapshot": "the snapshot before it",
    "rehearsal": "the rehearsal",
    "does": "what is done",
    "steps": "the steps",
    "plan": "the form of plans",
    "occ": "the version of occ",
}
"""Every field that is compared, in words; a foreign one of the first four is refused by itself."""
FOREIGN: Final = ("journal", "service", "kind")
_NUMBERS: Final = frozenset({"position", "current", "plan", "at", "until"})


def hash_of(text: str) -> str:
    """The name of a token in the journal: sha256 of its text, 64 hexadecimal digits."""
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def steps_digest(steps: Sequence[StepPlan]) -> str:
    """A digest of what steps do, whatever people read of them."""
    plain: list[Json] = [[step.name, _plain(step.inputs), step.back] for step in steps]
    text = json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def typed_short(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a command with each token in them replaced by `occ1.` and its hash.

    The audit has the hash beside them already, and a token is longer than all other words.
    """
    return tuple(
        f"{before}{PREFIX}{hash_of(sign + rest)[:_SHOWN]}" if sign else word
        for word in words
        for before, sign, rest in (_apart(word),)
    )


def _apart(word: str) -> tuple[str, str, str]:
    option, equals, value = word.partition("=")
    if equals and option.startswith("--") and value.startswith(PREFIX):
        return f"{option}=", PREFIX, value.removeprefix(PREFIX)
    return ("", PREFIX, word.removeprefix(PREFIX)) if word.startswith(PREFIX) else (word, "", "")


def _plain(value: object) -> Json:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, bool | int | str) or value is None else str(value)


def _fits(value: int | str) -> bool:
    return _is_text(value) if isinstance(value, str) else 0 <= value <= MOST_NUMBER


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MOST_TEXT and value.isprintable()


def _told(value: object) -> str:
    """A value for people: long digests and ids by their beginning, as everywhere."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    text = str(value)
    if value in (None, "", 0):
        return "none"
    bare = text.rpartition(":")[2]
    long = len(bare) >= 2 * 32 and not bare.strip("0123456789abcdef")
    return text[: len(text) - len(bare) + _SHOWN] if long else text


def _malformed(why: str) -> PlanTokenError:
    return PlanTokenError(
        f"this is no plan token: {why}", hint="the same command with --plan -o json makes one"
    )
