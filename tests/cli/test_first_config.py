"""The first config: made by the commands that write one, wherever OCC_CONFIG says."""

import stat
from pathlib import Path

import pytest

from tests.box import Box

FIRST_LINE = (
    "#:schema https://raw.githubusercontent.com/occ-journal/occ/main/docs/config.schema.json\n"
)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box without an engine, whose config is named and in a folder that is not there yet."""
    return Box(
        tmp_path,
        f"unix://{tmp_path}/no.sock",
        extra={"OCC_CONFIG": str(tmp_path / "new" / "config.toml")},
    )


def test_config_set_makes_a_config_that_is_named_and_not_there(box: Box) -> None:
    file = box.folder / "new" / "config.toml"
    refused = box.well("config", "set", "services.web.ports", "3000:3000", status=2)
    assert "image is missing" in refused.err
    assert not file.exists()
    box.well("config", "set", "services.web.image", "example.test/web:1")
    assert file.read_text() == f'{FIRST_LINE}\n[services.web]\nimage = "example.test/web:1"\n'
    box.well("config", "set", "journal", "j.db")
    assert file.read_text() == (
        f'{FIRST_LINE}journal = "j.db"\n\n[services.web]\nimage = "example.test/web:1"\n'
    )
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    box.well("config", "env", "set", "A=1")
    assert 'A = "1"' in file.read_text()


@pytest.mark.parametrize(
    "words", [("adopt", "web"), ("resume",), ("abort", "--yes"), ("abandon", "--yes")], ids=str
)
def test_a_first_adoption_and_its_ways_out_need_no_config_yet(
    box: Box, words: tuple[str, ...]
) -> None:
    told = box.occ(*words)
    assert "there is no such file" not in told.err
    assert "Traceback" not in told.err


def test_a_config_that_is_named_and_not_there_is_still_a_mistake_elsewhere(box: Box) -> None:
    told = box.well("update", "--yes", status=2)
    assert "there is no such file" in told.err
