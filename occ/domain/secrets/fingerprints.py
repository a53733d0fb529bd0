"""Which secrets have changed, told from their keyed fingerprints alone.

A fingerprint is `<key id>:<digest>`. Two of different keys cannot be compared: whether the value
changed is then unknown, which is neither yes nor no.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

Change: TypeAlias = Literal["same", "changed", "unknown", "new", "gone"]


def compared(before: Mapping[str, str], now: Mapping[str, str]) -> Mapping[str, Change]:
    """Name -> what became of each secret of two sets of fingerprints, in the order of the names."""
    return {name: _change(before.get(name), now.get(name)) for name in sorted({*before, *now})}


def sentences(changes: Mapping[str, Change], since: str) -> Iterator[str]:
    """Sentences for a person about each kind of change since then; unchanged secrets get none."""
    told: tuple[tuple[Change, str], ...] = (
        ("changed", f"secrets changed since {since}: "),
        ("new", f"secrets new since {since}: "),
        ("gone", f"secrets no longer there since {since}: "),
        ("unknown", f"under another key, unknown whether changed since {since}: "),
    )
    for change, text in told:
        names = [name for name, found in changes.items() if found == change]
        if names:
            yield text + ", ".join(names)


def _change(before: str | None, now: str | None) -> Change:
    if before is None:
        return "new"
    if now is None:
        return "gone"
    if before.partition(":")[0] != now.partition(":")[0]:
        return "unknown"
    return "same" if before == now else "changed"
