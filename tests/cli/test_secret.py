"""What `occ secret` says, and what it never says."""

import pytest

from tests.cli.conftest import Golden, Occ
from tests.cli.stage import Stage

BROUGHT = (
    "occ apply --service web, or the first occ start --service web, brings it into the container\n"
)


@pytest.mark.parametrize(
    ("given", "value"),
    [("hunter2\n", "hunter2"), ("hunter2", "hunter2"), ("a b \n\n", "a b \n"), ("x\r\n", "x")],
)
def test_a_value_is_read_from_a_pipe_and_not_said(
    occ: Occ, stage: Stage, given: str, value: str
) -> None:
    said = occ("secret", "set", "API_TOKEN", piped=given)
    assert (said.status, said.out) == (0, "web: API_TOKEN stored in /etc/occ/web.secrets\n")
    assert said.err == BROUGHT
    assert stage.calls == [("secret put", ("API_TOKEN", "web", value))]


def test_a_name_that_the_config_lacks_is_put_there_or_said(occ: Occ) -> None:
    said = occ("secret", "set", "OTHER", piped="hunter2\n")
    assert said.err == f"OTHER put into the secrets of web in the config\n{BROUGHT}"
    said = occ("secret", "set", "OTHER", "--no-config", piped="hunter2\n")
    assert 'add "OTHER" to secrets = [...] of [services.web]' in said.err


@pytest.mark.parametrize(
    "words", [["A=hunter2"], ["A", "hunter2"], ["A", "x", "hunter2"], ["hunter2 !"]]
)
@pytest.mark.parametrize("output", ["text", "json"])
def test_an_argument_is_never_a_value_and_never_repeated(
    occ: Occ, stage: Stage, words: list[str], output: str
) -> None:
    said = occ("secret", "set", *words, "-o", output)
    assert said.status == 2
    assert "hunter2" not in said.out + said.err
    assert stage.calls == []


def test_the_list_has_sources_and_changes_and_no_values(occ: Occ, golden: Golden) -> None:
    said = occ("secret", "list")
    golden("secret-list", f"exit status {said.status}\n--- stdout\n{said.out}")


def test_no_secrets_say_how_to_have_one(occ: Occ, stage: Stage) -> None:
    stage.found_secrets = ()
    said = occ("secret", "list")
    assert (said.status, said.out) == (0, "")
    assert "occ secret set NAME" in said.err


def test_one_that_is_taken_out_is_still_named(occ: Occ) -> None:
    said = occ("secret", "unset", "API_TOKEN")
    assert said.out == "web: API_TOKEN taken out of /etc/occ/web.secrets\n"
    assert "still names API_TOKEN under secrets" in said.err
    assert occ("secret", "unset", "OTHER").err == ""


def test_a_difference_says_of_each_secret_what_became_of_it(occ: Occ) -> None:
    said = occ("config", "diff")
    assert said.status == 10
    assert said.out.splitlines()[-4:] == [
        "secret A_KEY: changed",
        "secret B_KEY: unknown whether changed: another key",
        "secret C_KEY: new",
        "secret D_KEY: has no value any more",
    ]
