"""Two questions to a service by paths of its own: whether it is at work, and how much it has."""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from occ.domain.total import json_value

Work: TypeAlias = Literal["idle", "busy", "unknown"]
_GOOD: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """Whether a service is at work, as its answer tells; in doubt nobody may take it for idle."""

    work: Work
    said: str
    """The reason, for people; nothing of the answer's body but a number is in it."""


def judged(path: str, status: int | None, body: bytes) -> Idle:
    """The judgement on an answer of `when_idle`; `status` None is no answer.

    An empty list or table in JSON is idle, and one with entries busy. All else tells nothing.
    """
    entries, why = _entries(path, status, body)
    if entries is None:
        return Idle(work="unknown", said=why)
    if entries:
        return Idle(work="busy", said=f"{path} lists {entries} at work")
    return Idle(work="idle", said="it is idle")


def counted(path: str, status: int | None, body: bytes) -> tuple[int | None, str]:
    """How many entries the answer of `count_path` lists; None with the reason where it does not."""
    return _entries(path, status, body)


def _entries(path: str, status: int | None, body: bytes) -> tuple[int | None, str]:
    if status is None:
        return None, f"{path} did not answer"
    if status != _GOOD:
        return None, f"{path} answered {status}, not {_GOOD}"
    try:
        value = json_value(body)
    except ValueError:
        return None, f"the answer of {path} is no JSON"
    if not isinstance(value, list | dict):
        return None, f"the answer of {path} is no list and no table"
    return len(value), ""
