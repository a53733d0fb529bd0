"""Secrets in the texts of somebody's container: the places that they get, and their names."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from occ.domain.secrets.places import place
from occ.domain.spec import Spec
from occ.operations.derive import derive
from occ.operations.derive.secrets import hide
from tests.unit.operations.declaring import declared

if TYPE_CHECKING:
    from occ.domain.values import Json

TOKEN = "ghp_abcdefghijklmnopqrstuvwxyz12"


def labelled(name: str, value: str) -> tuple[str, Mapping[str, str]]:
    """A label as it is written from now on, and the secrets that it has."""
    hidden = hide(Spec(labels={name: value}), ())
    assert hidden.spec.secrets == tuple(hidden.values)
    return hidden.spec.labels[name], hidden.values


@pytest.mark.parametrize("value", ["correct horse battery", "one line\nand another"])
def test_the_value_of_an_option_goes_to_the_end_of_its_word(value: str) -> None:
    hidden = hide(Spec(command=(f"--password={value}",)), ())
    assert hidden.spec.command == (f"--password={place('PASSWORD')}",)
    assert hidden.values == {"PASSWORD": value}


def test_all_that_is_around_and_between_secrets_stays() -> None:
    said = "see https://a:pw1abcdef@h and https://b:pw2abcdef@h/ end"
    first, second = place("NOTE"), place("NOTE_2")
    assert labelled("note", said) == (
        f"see https://a:{first}@h and https://b:{second}@h/ end",
        {"NOTE": "pw1abcdef", "NOTE_2": "pw2abcdef"},
    )


def test_a_text_that_cannot_be_taken_apart_is_one_secret_and_no_others() -> None:
    said = 'password="a"b"c'
    assert labelled("note", said) == (place("NOTE"), {"NOTE": said})


def test_a_label_of_a_secret_name_is_a_secret_as_a_whole() -> None:
    assert labelled("api.token", f"user {TOKEN}") == (
        place("API_TOKEN"),
        {"API_TOKEN": f"user {TOKEN}"},
    )
    assert labelled("note", f"user {TOKEN}") == (f"user {place('NOTE')}", {"NOTE": TOKEN})


def test_a_name_that_begins_with_a_digit_gets_a_line_before_it() -> None:
    assert labelled("2fa-token", "abcdefgh1234") == (
        place("_2FA_TOKEN"),
        {"_2FA_TOKEN": "abcdefgh1234"},
    )


def test_a_secret_of_the_healthcheck_is_called_so() -> None:
    words: list[Json] = ["CMD", "mysqladmin", "ping", "--password", "hunter22x"]
    hidden = hide(Spec(engine={"Healthcheck": {"Test": words}}), ())
    assert hidden.spec.engine == {
        "Healthcheck": {"Test": [*words[:-1], place("HEALTHCHECK_SECRET")]}
    }
    assert hidden.values == {"HEALTHCHECK_SECRET": "hunter22x"}


@pytest.mark.parametrize("name", ["registry7.test/our-app:1", "service-77", "container-88"])
def test_a_password_that_is_also_what_something_is_called_is_told_from_it(name: str) -> None:
    there = declared(
        {
            "Image": "registry7.test/our-app:1",
            "Env": [f"PASSWORD={name}"],
            "Labels": {"note": f"about {name} alone"},
        }
    )
    there = replace(there, container=replace(there.container, name="container-88"))
    found = derive(there, "service-77", free=lambda _: True)
    assert found.spec.labels["note"] == f"about {name} alone"
    assert found.secrets == {"PASSWORD": name}


def test_a_secret_of_the_entrypoint_gets_a_place_too() -> None:
    hidden = hide(Spec(entrypoint=("app", "--token", "hunter22x", "***")), ())
    assert hidden.spec.entrypoint == ("app", "--token", place("COMMAND_SECRET"), "***")
    assert hidden.values == {"COMMAND_SECRET": "hunter22x"}


def test_the_entrypoint_ends_with_the_option_of_the_command_s_first_word() -> None:
    hidden = hide(Spec(entrypoint=("--password",), command=("hunter22x", "serve")), ())
    assert hidden.spec.command == (place("COMMAND_SECRET"), "serve")
    assert hidden.values == {"COMMAND_SECRET": "hunter22x"}


def test_a_variable_whose_value_stands_elsewhere_is_filled_by_its_place() -> None:
    spec = Spec(env={"API_TOKEN": TOKEN, "PLAIN": "1"}, labels={"note": f"with {TOKEN}"})
    hidden = hide(spec, ())
    assert hidden.spec.env == {"API_TOKEN": place("API_TOKEN"), "PLAIN": "1"}
    assert hidden.spec.labels == {"note": f"with {place('API_TOKEN')}"}


def test_a_password_within_a_variable_is_known_elsewhere_by_a_name_of_its_own() -> None:
    url = "postgres://app:pw1abcdefgh@db/app"
    spec = Spec(env={"DATABASE_URL": url}, labels={"note": "log in with pw1abcdefgh"})
    hidden = hide(spec, ())
    assert hidden.spec.labels == {"note": f"log in with {place('DATABASE_URL_SECRET')}"}
    assert hidden.values == {"DATABASE_URL": url, "DATABASE_URL_SECRET": "pw1abcdefgh"}


def test_all_fields_that_a_common_word_stays_in_are_named() -> None:
    spec = Spec(env={"PASSWORD": "postgres", "USER_NAME": "postgres"}, labels={"a": "postgres"})
    (note,) = hide(spec, (), "postgres:15").notes
    assert "for something else: env.USER_NAME, labels.a; if it is" in note
