"""Where nobody can be asked, the hint is the whole command to type."""

import pytest

from occ.cli import run
from tests.cli.conftest import Occ
from tests.cli.stage import Stage


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("stop", "occ stop --yes"),
        ("user remove ann", "occ user remove ann --yes"),
        ("--service web user remove ann", "occ --service web user remove ann --yes"),
        ("user remove -- ann", "occ user remove --yes -- ann"),
        ("user add ann --service web", "occ user add ann --service web --password-stdin"),
        ("stop --service web", "occ stop --service web --yes"),
        ("rollback --to 1 --service web", "occ rollback --to 1 --service web --yes"),
        ("uninstall --purge --service web", "occ uninstall --purge --service web --yes"),
        ("setup --service web", "occ setup --service web --yes"),
        ("import-config config.json", "occ import-config config.json --yes"),
        ("import-compose shop.json", "occ import-compose shop.json --yes"),
    ],
)
def test_it_has_the_names_and_options_that_were_typed(occ: Occ, words: str, hint: str) -> None:
    said = occ(*words.split())
    assert said.status in {2, 4}
    assert said.err.splitlines()[-1].removesuffix(", or --generate") == f"  try: {hint}"


def test_it_can_be_pasted(occ: Occ) -> None:
    said = occ("stop", "--reason", "it's late")
    assert said.err.splitlines()[-1] == """  try: occ stop --reason 'it'"'"'s late' --yes"""


def test_what_looks_like_a_secret_is_not_said_again(occ: Occ) -> None:
    said = occ("stop", "--reason", "token=hunter2hunter2")
    assert said.status == 4
    assert "hunter2" not in said.out + said.err
    assert said.err.splitlines()[-1] == "  try: occ stop --reason 'token=***' --yes"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("secret set API_TOKEN --service web", "occ secret set API_TOKEN --service web"),
        ("user passwd ann --service web", "occ user passwd ann --service web --password-stdin"),
        (
            "user passwd ann --password-stdin --service web",
            "occ user passwd ann --service web --generate",
        ),
    ],
)
def test_it_has_them_also_when_standard_input_is_closed(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: str,
    hint: str,
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert run(words.split(), open_app=stage.open) in {2, 4}
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.removesuffix(", or --generate") == f"  try: {hint}"
