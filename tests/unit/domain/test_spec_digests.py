"""The digests of specs, which are in journals and in labels: what they were, they stay.

`tests/golden/spec-digests.json` holds 50 specs as a journal holds them, the canonical text of each,
and its digest. It is never written anew: where a digest differs, the next update replaces a
container for nothing. A field that is new is not in the file, and needs no place in it.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from occ.domain.events import VersionRecorded
from occ.domain.spec import Health, Limits, Mount, Port, Spec, Volume
from occ.journal import codec

GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "spec-digests.json").read_text("utf-8"))
CLASSES = {kind.__name__: kind for kind in (Spec, Port, Volume, Mount, Limits, Health)}
NAMES = [one["name"] for one in GOLDEN["specs"]]


def recorded(spec: Any) -> VersionRecorded:
    """A version of this spec, read as one out of a journal."""
    version = {"number": 1, "image": "sha256:1", "reference": "example.test/web:1", "spec": spec}
    event = codec.decode("version.recorded", 1, json.dumps({"version": version}))
    assert isinstance(event, VersionRecorded)
    return event


def within(value: object) -> Iterator[object]:
    """A spec and all values of our own classes that are in it."""
    if isinstance(value, tuple):
        for one in value:
            yield from within(one)
    elif is_dataclass(value):
        yield value
        for name in (field.name for field in fields(value)):
            yield from within(getattr(value, name))


def test_there_are_fifty_of_different_names() -> None:
    assert len(set(NAMES)) == len(NAMES) == 50


@pytest.mark.parametrize("golden", GOLDEN["specs"], ids=NAMES)
def test_a_spec_has_the_digest_that_it_always_had(golden: Any) -> None:
    assert recorded(golden["spec"]).version.spec.digest() == golden["digest"]


@pytest.mark.parametrize("golden", GOLDEN["specs"], ids=NAMES)
def test_a_digest_is_that_of_the_canonical_text(golden: Any) -> None:
    text = golden["canonical"]
    assert hashlib.sha256(text.encode()).hexdigest() == golden["digest"]
    written = json.loads(text)
    assert written == {**written, **golden["spec"]} or golden["name"].startswith("left out")


@pytest.mark.parametrize("golden", GOLDEN["specs"], ids=NAMES)
def test_a_journal_holds_a_spec_as_it_always_did(golden: Any) -> None:
    event = recorded(golden["spec"])
    name, _, body = codec.encode(event)
    assert name == "version.recorded"
    stored = json.loads(body)["version"]["spec"]
    known = {key: stored[key] for key in GOLDEN["fields"]["Spec"]}
    known["health"] = {key: known["health"][key] for key in GOLDEN["fields"]["Health"]}
    assert known == json.loads(golden["canonical"])
    assert codec.encode(recorded(stored)) == codec.encode(event)


@pytest.mark.parametrize("name", CLASSES)
def test_together_they_vary_every_field_that_there_was(name: str) -> None:
    kind, wanted = CLASSES[name], GOLDEN["fields"][name]
    assert set(wanted) <= {field.name for field in fields(kind)}
    specs = [recorded(golden["spec"]).version.spec for golden in GOLDEN["specs"]]
    there = [one for spec in specs for one in within(spec) if type(one) is kind]
    for field in wanted:
        assert len({repr(getattr(one, field)) for one in there}) > 1, f"{name}.{field} never varies"
