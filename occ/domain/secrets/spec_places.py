"""The fields of a spec whose texts have places of secrets, filled in when a container is made."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Final

from occ.domain.secrets.places import filled, placed_in
from occ.domain.spec import Spec

PLACED_FIELDS: Final = ("env", "labels", "command", "entrypoint", "engine")
"""The fields of a spec whose texts may hold a place."""

# How a container stands in a network is said again whenever it joins one, without its secrets.
UNFILLED_ENGINE_KEYS: Final = frozenset({"EndpointsConfig"})
"""The keys of `engine` whose texts may hold none."""

# The probe fills these in by itself, each time that it asks.
_OF_THE_PROBE: Final = frozenset({"auth", "headers"})


def placed_secrets(spec: Spec) -> frozenset[str]:
    """The names that have a place in a spec; a secret that has one is no variable by itself."""
    return frozenset().union(*(placed_in(getattr(spec, field)) for field in PLACED_FIELDS))


def places_by_field(spec: Spec) -> Iterator[tuple[str, str]]:
    """Each field of a spec that has places, with the names that stand there, sorted."""
    for field in PLACED_FIELDS:
        for name in sorted(placed_in(getattr(spec, field))):
            yield field, name


def unfilled_places(spec: Spec) -> Iterator[tuple[str, str]]:
    """Places where nothing would ever be filled in: each a field of the spec, and a name."""
    table = asdict(spec)
    for key in _OF_THE_PROBE:
        del table["health"][key]
    for field, value in table.items():
        if field not in PLACED_FIELDS:
            for name in sorted(placed_in(value)):
                yield field, name
    for key in sorted(UNFILLED_ENGINE_KEYS & spec.engine.keys()):
        for name in sorted(placed_in(spec.engine[key])):
            yield "engine", name


def filled_spec(spec: Spec, values: Mapping[str, str]) -> Spec:
    """The spec with values in all of its places: for the engine, and never to be kept."""
    return replace(spec, **{field: filled(getattr(spec, field), values) for field in PLACED_FIELDS})
