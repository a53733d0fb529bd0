"""A spec's digest over the years: a field that is added changes none that is recorded already."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from occ.domain.spec import Health, Limits, Mount, Port, Spec, Volume


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterPort(Port):
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterVolume(Volume):
    driver: str = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterMount(Mount):
    propagation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterLimits(Limits):
    files: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterHealth(Health):
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    image: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterSpec(Spec):
    sidecars: tuple[Sidecar, ...] = ()
    nice: int = 5


NOW = Spec(
    ports=(Port(container=3000, host=3000),),
    volumes=(Volume(name="web-data", path="/data"),),
    mounts=(Mount(source="/srv", path="/srv"),),
    engine={"Dns": ["192.0.2.1"], "LogConfig": {"Config": {"max-size": "1m"}}},
)
LATER = LaterSpec(
    ports=(LaterPort(container=3000, host=3000),),
    volumes=(LaterVolume(name="web-data", path="/data"),),
    mounts=(LaterMount(source="/srv", path="/srv"),),
    limits=LaterLimits(),
    health=LaterHealth(),
    engine=NOW.engine,
)


def test_the_canonical_text_of_the_first_fields_is_settled() -> None:
    assert Spec().digest() == "99ed071159c6dea18662b75cb2642f4db6e2a2ec02521b93b2120619bf341234"
    assert NOW.digest() == "a51e4b79f71394f58c8322e9f3b2e4e06e59106fbacb4aa0fadd9cc8ebe56ae3"


def test_a_field_that_is_added_is_left_out_while_it_has_its_default() -> None:
    assert LATER.digest() == NOW.digest()


@pytest.mark.parametrize(
    "other",
    [
        replace(LATER, ports=(LaterPort(container=3000, host=3000, label="http"),)),
        replace(LATER, volumes=(LaterVolume(name="web-data", path="/data", driver="nfs"),)),
        replace(LATER, mounts=(LaterMount(source="/srv", path="/srv", propagation="shared"),)),
        replace(LATER, limits=LaterLimits(files=1)),
        replace(LATER, health=LaterHealth(headers={"Host": "web"})),
        replace(LATER, sidecars=(Sidecar(image="proxy"),)),
        replace(LATER, nice=0),
    ],
)
def test_a_field_that_is_added_counts_with_any_other_value(other: Spec) -> None:
    assert other.digest() not in {NOW.digest(), LATER.digest()}


def test_a_class_that_is_added_follows_the_same_rule() -> None:
    plain, said = Sidecar(image="proxy"), Sidecar(image="proxy", words=("-v",))
    digests = {replace(LATER, sidecars=(one,)).digest() for one in (plain, said)}
    assert len(digests) == 2
