"""A command that is pointed at a Compose file names the two ways from there to occ."""

from pathlib import Path

import pytest

from occ.cli import run
from occ.errors import NotFoundError
from tests.cli.conftest import Occ
from tests.cli.stage import Stage

WAYS = (
    "  try: occ adopt --project NAME for its containers, or "
    "docker compose -f FILE config --format json | occ import-compose -"
)
TEXT = "# shop\nservices:\n  web:\n    image: a/b\n"


@pytest.mark.parametrize(
    "words",
    [
        "start docker-compose.yml",
        "update compose.yaml",
        "status ./compose.prod.yml",
        "show compose.yml",
        "compose.yml",
        "rollback --to compose.yml",
    ],
)
def test_as_an_argument(occ: Occ, words: str) -> None:
    said = occ(*words.split())
    assert said.status == 2
    assert said.err.splitlines()[-1] == WAYS


def test_as_a_container_that_is_not_there(occ: Occ, stage: Stage) -> None:
    stage.error = NotFoundError("there is no container compose.yml", hint="docker ps -a")
    said = occ("adopt", "compose.yml", "--yes")
    assert (said.status, said.err.splitlines()[-1]) == (3, WAYS)


@pytest.mark.parametrize("by", ["option", "variable"])
@pytest.mark.parametrize("text", [TEXT, '{"name": "shop", "services": {"web": {}}}\n'])
def test_as_the_config(
    by: str,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "stack"
    file.write_text(text)
    monkeypatch.setenv("OCC_CONFIG", str(file if by == "variable" else tmp_path / "none"))
    words = ["--config", str(file)] if by == "option" else []
    assert run([*words, "start"]) == 2
    told = capsys.readouterr().err.splitlines()
    assert told == [f"error: {file}: it is a Compose file, and no config of occ", WAYS]


def test_other_failures_keep_their_hint(occ: Occ) -> None:
    assert occ("start", "x").err.splitlines()[-1] == "  try: occ start --help"
