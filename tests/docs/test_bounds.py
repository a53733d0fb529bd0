"""Every tool and library has an upper bound, where `tox run -e newest` finds it."""

import re
import tomllib
from configparser import ConfigParser

from tests.newest import ROOT, unbounded


def _required(text: str) -> list[str]:
    """What pyproject.toml asks for."""
    page = tomllib.loads(text)
    project, groups = page["project"], page["dependency-groups"].values()
    lists = [project["dependencies"], *project["optional-dependencies"].values(), *groups]
    rows = [row for rows in (page["build-system"]["requires"], *lists) for row in rows]
    return [row for row in rows if isinstance(row, str)]  # else it includes a group


def test_everything_is_bounded_in_one_place_and_newest_has_no_bound() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert [row for row in _required(text) if not re.search(r">=[\d.]+,<[\d.]+$", row)] == []
    assert [row for row in _required(unbounded(text)) if not re.search(r">=[\d.]+$", row)] == []


def test_no_env_asks_for_tools_of_its_own() -> None:
    tox = ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", "utf-8")
    own = {name: tox[name]["deps"] for name in tox.sections() if "deps" in tox[name]}
    assert own == {"testenv:newest": "tox"}
    assert re.fullmatch(r"tox<[\d.]+", tox["tox"]["requires"])
    assert unbounded(tox["tox"]["requires"]) == "tox"
