"""The recipes of docs/hooks.md, run as occ runs them, against stand-ins for the tools.

The stand-ins end as the tools do: cosign 2.5 with 0, 10 (no signature) and 1 (a wrong key, and a
registry that is down).
"""

import json
import re
import sys
from pathlib import Path

import pytest

from occ.domain.acceptance import verdict_of
from occ.domain.programs import Ended, Program
from occ.programs.host import HostPrograms

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "docs" / "recipes"
NEW, OLD = "registry.example/web@sha256:22", "registry.example/web@sha256:11"


@pytest.fixture(autouse=True)
def _trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The checkout may be anybody's."""
    monkeypatch.setattr("occ.programs.host.os.geteuid", lambda: 1000)


class Tools:
    """A folder of stand-ins, the first on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()

    def add(self, name: str, script: str) -> None:
        file = self.bin / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def asked(self, recipe: str, *words: str, image: str = NEW, current: str = OLD) -> Ended:
        path = f"{self.bin}:{Path(sys.executable).parent}:/usr/bin:/bin"
        environ = {"PATH": path, "HOME": str(self.folder)}
        host = HostPrograms(
            config=self.folder / "config.toml", folder=self.folder / "run", environ=environ
        )
        argv = (str(RECIPES / recipe), *words, image, current)
        return host.run(Program(name="accept[0]", words=argv))


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    return Tools(tmp_path)


def test_the_page_names_every_recipe() -> None:
    page = (ROOT / "docs" / "hooks.md").read_text("utf-8")
    assert set(re.findall(r"\(recipes/([\w-]+)\)", page)) == {one.name for one in RECIPES.iterdir()}


@pytest.mark.parametrize(
    ("asking", "cosign", "verdict"),
    [
        ("exit 0", "exit 0", "accepted"),
        ("exit 0", "exit 10", "refused"),
        ("exit 0", "exit 1", "refused"),
        ("exit 1", "exit 1", "unknown"),
        # it goes down between the question and the verification
        ("test -e $HOME/asked && exit 1; touch $HOME/asked", "exit 1", "unknown"),
    ],
)
def test_a_registry_that_is_down_is_no_forged_image(
    tools: Tools, asking: str, cosign: str, verdict: str
) -> None:
    tools.add("skopeo", asking)
    tools.add("cosign", cosign)
    key = tools.folder / "cosign.pub"
    key.write_text("key")
    assert verdict_of(tools.asked("verify-signature", str(key))) == verdict


def test_the_tools_get_the_digest_the_key_and_the_options(tools: Tools) -> None:
    tools.add("skopeo", 'echo "skopeo $*" >&2')
    tools.add("cosign", 'echo "cosign $*" >&2')
    key = tools.folder / "cosign.pub"
    key.write_text("key")
    options = ("--insecure-ignore-tlog=true", "--allow-insecure-registry")
    assert tools.asked("verify-signature", str(key), *options).tail == (
        f"skopeo inspect --raw --tls-verify=false docker://{NEW}",
        f"cosign verify --key {key} {' '.join(options)} {NEW}",
    )


def test_without_the_tools_or_a_key_nobody_knows(tools: Tools) -> None:
    tools.add("skopeo", "exit 0")
    tools.add("cosign", "exit 1")
    assert tools.asked("verify-signature", "/nowhere/cosign.pub").later


def test_a_list_of_contents_is_kept_once_for_each_digest(tools: Tools) -> None:
    folder = tools.folder / "kept"
    tools.add("syft", 'echo "$*" >> $HOME/calls; for w; do :; done; echo "{}" > "${w#*=}"')
    assert tools.asked("keep-sbom", str(folder)).good
    assert tools.asked("keep-sbom", str(folder)).good
    assert [one.name for one in folder.iterdir()] == ["sha256-22.spdx.json"]
    calls = (tools.folder / "calls").read_text().splitlines()
    assert len(calls) == 1
    assert calls[0].startswith(f"scan --quiet registry:{NEW} --output spdx-json={folder}/.draft.")


@pytest.mark.parametrize("syft", ["exit 1", "exit 0"])
def test_without_a_list_nobody_knows_and_nothing_is_kept(tools: Tools, syft: str) -> None:
    tools.add("syft", syft)
    folder = tools.folder / "kept"
    assert tools.asked("keep-sbom", str(folder)).later
    assert list(folder.iterdir()) == []


def scanner(tools: Tools, new: dict[str, str], old: dict[str, str]) -> tuple[str, ...]:
    for name, found in (("22", new), ("11", old)):
        matches = [{"vulnerability": {"id": one, "severity": s}} for one, s in found.items()]
        (tools.folder / name).write_text(json.dumps({"matches": matches}))
    tools.add("scan", 'cat "$HOME/${1##*sha256:}"')
    return ("Critical,High", "scan", "registry:{}")


@pytest.mark.parametrize(
    ("new", "old", "verdict"),
    [
        ({}, {}, "accepted"),
        # one of two is mended, and the other one runs already
        ({"CVE-1": "Critical"}, {"CVE-1": "Critical", "CVE-2": "High"}, "accepted"),
        ({"CVE-3": "Critical"}, {"CVE-1": "Critical"}, "refused"),
        ({"CVE-3": "Medium"}, {}, "accepted"),
    ],
)
def test_an_image_is_no_worse_than_the_one_that_runs(
    tools: Tools, new: dict[str, str], old: dict[str, str], verdict: str
) -> None:
    ended = tools.asked("no-worse", *scanner(tools, new, old))
    assert verdict_of(ended) == verdict
    assert ended.tail == (("new: CVE-3",) if verdict == "refused" else ())


def test_a_first_image_is_no_worse_than_none(tools: Tools) -> None:
    words = scanner(tools, {"CVE-3": "Critical"}, {})
    assert tools.asked("no-worse", *words, current="").good


@pytest.mark.parametrize("scan", ["exit 1", "echo no JSON", "echo '[]'"])
def test_a_scanner_that_tells_nothing_leaves_it_unknown(tools: Tools, scan: str) -> None:
    words = scanner(tools, {}, {})
    tools.add("scan", scan)
    assert tools.asked("no-worse", *words).later
    assert tools.asked("no-worse", "Critical", "/nowhere/scan", "{}").later
