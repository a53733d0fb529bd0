"""Places of secrets: found in every text of a spec, and filled in there."""

from occ.domain.secrets.places import place
from occ.domain.secrets.spec_places import (
    filled_spec,
    placed_secrets,
    places_by_field,
    unfilled_places,
)
from occ.domain.spec import Health, Spec

SPEC = Spec(
    env={"URL": "http://u:{{secret:A}}@h/", "PLAIN": "1"},
    labels={"token": "{{secret:B}}", "key": "{{HOMEPAGE_VAR_KEY}}"},
    command=("serve", "--pw={{secret:A}}"),
    entrypoint=("/bin/{{secret:C}}",),
    secrets=("A", "B", "C", "D", "E"),
    engine={
        "Healthcheck": {"Test": ["CMD-SHELL", "ping -p{{secret:D}}"], "Retries": 2},
        "LogConfig": {"Type": "splunk", "Config": {"splunk-token": "{{secret:B}}"}},
        "Binds": [["{{secret:A}}"], True],
    },
)


def test_every_text_has_its_places_filled_and_nothing_else_changes() -> None:
    full = filled_spec(SPEC, {"A": "a", "B": "b{{secret:A}}", "D": "d"})
    assert full.env == {"URL": "http://u:a@h/", "PLAIN": "1"}
    assert full.labels == {"token": "b{{secret:A}}", "key": "{{HOMEPAGE_VAR_KEY}}"}
    assert (full.command, full.entrypoint) == (("serve", "--pw=a"), ("/bin/{{secret:C}}",))
    assert full.engine == {
        "Healthcheck": {"Test": ["CMD-SHELL", "ping -pd"], "Retries": 2},
        "LogConfig": {"Type": "splunk", "Config": {"splunk-token": "b{{secret:A}}"}},
        "Binds": [["a"], True],
    }
    assert filled_spec(Spec(), {"A": "a"}) == Spec()


def test_places_are_known_by_field() -> None:
    assert placed_secrets(SPEC) == {"A", "B", "C", "D"}
    assert placed_secrets(Spec(secrets=("A",))) == set()
    assert list(places_by_field(SPEC)) == [
        ("env", "A"),
        ("labels", "B"),
        ("command", "A"),
        ("entrypoint", "C"),
        ("engine", "A"),
        ("engine", "B"),
        ("engine", "D"),
    ]


def test_places_that_nothing_fills_in_are_told() -> None:
    assert list(unfilled_places(SPEC)) == []
    wrong = Spec(
        health=Health(path=f"/{place('A')}"),
        engine={"EndpointsConfig": {"front": {"DriverOpts": {"x": place("B")}}}},
    )
    assert list(unfilled_places(wrong)) == [("health", "A"), ("engine", "B")]
