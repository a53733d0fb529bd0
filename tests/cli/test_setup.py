"""What `occ setup` asks and says, and where it ends without an answer."""

from dataclasses import replace

import pytest

from occ.app.config.interview import Precheck, Question, SetUp
from occ.cli.config.setup import prompt
from occ.cli.terminal import streams
from tests.cli import stage as stages
from tests.cli.conftest import Occ
from tests.cli.props import WRITING
from tests.cli.stage import Stage


def test_it_asks_shows_writes_and_offers_to_start(occ: Occ, stage: Stage) -> None:
    said = occ("setup", typed="\ny\nn\n", terminal=80)
    assert said.status == 0
    assert "Image [example.test/web:latest]: " in said.err
    assert "ok: engine: 29.1.0 at unix:///run/docker.sock\n" in said.err
    assert '+[services.web]\n+image = "example.test/web:latest"\n' in said.err
    assert "Write this into /etc/occ/config.toml? [y/N] " in said.err
    assert "Start it now? [y/N] " in said.err
    assert "web: written into /etc/occ/config.toml\n" in said.out
    assert [verb for verb, _ in stage.calls] == ["setup"]
    assert stage.opened["new"]


def test_a_default_that_is_too_wide_for_its_line_has_a_line_for_each_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    text, one, two = "Volumes, as name:/path, or none", "web.data:/data", "web.state:/var/lib/web"
    asked = Question(key="volume", text=text, default=f"{one}, {two}", several=True)
    assert prompt(asked) == f"{text}; by default these 2:\n  {one}\n  {two}\n[all of these]: "
    assert prompt(replace(asked, default=one)) == f"{text} [{one}]: "
    monkeypatch.setenv("COLUMNS", "200")
    assert prompt(asked) == f"{text} [{one}, {two}]: "
    assert prompt(replace(asked, default="")) == f"{text}: "


def test_a_port_that_others_can_reach_is_asked_about_before_the_start(
    occ: Occ, stage: Stage
) -> None:
    stage.proposal = replace(
        stage.proposal, asks=True, warnings=("others can reach 0.0.0.0:80:80",)
    )
    refused = occ("setup", typed="\ny\ny\nn\n", terminal=80)
    assert refused.status == 4
    assert "note: others can reach 0.0.0.0:80:80\n" in refused.err
    assert "\nGo on? [y/N] " in refused.err
    assert "[1/7]" not in refused.err
    assert occ("setup", typed="\ny\ny\ny\n", terminal=80).status == 0
    assert "Go on?" not in occ("setup", "--yes", terminal=80).err


def test_what_is_not_started_is_told_how(occ: Occ, stage: Stage) -> None:
    assert occ("setup", "--yes", "--no-start").out.endswith("\nweb: occ start starts it\n")
    stage.names = ("web", "db")
    assert "web: occ start --service web starts it\n" in occ("setup", "--yes", "--no-start").out


def test_yes_starts_it_too(occ: Occ, stage: Stage) -> None:
    said = occ("setup", "--yes")
    assert (said.status, [verb for verb, _ in stage.calls]) == (0, ["setup", "start"])
    assert said.out.startswith("web: written into /etc/occ/config.toml\nweb: version ")


def test_what_is_given_goes_along(occ: Occ, stage: Stage) -> None:
    words = ["--profile", "generic", "--image", "a/b:1", "--port", "80:80", "--port", "81:81"]
    assert occ("setup", "--yes", "--no-start", "--service", "web", *words).status == 0
    ((_, asked),) = stage.calls
    assert (asked.service, asked.profile) == ("web", "generic")
    assert asked.answers == {"image": ("a/b:1",), "port": ("80:80", "81:81")}


def test_no_writes_nothing(occ: Occ, stage: Stage) -> None:
    said = occ("setup", typed="\nn\n", terminal=80)
    assert (said.status, said.out) == (4, "")
    assert "nothing was written" in said.err
    assert [verb for verb, _ in stage.calls] == ["setup"]


@pytest.mark.parametrize("typed", [None, "", "\n", "\ny"])
def test_without_an_answer_it_ends(occ: Occ, typed: str | None) -> None:
    said = occ("setup", typed=typed)
    assert said.status == 4
    assert said.out == ""


def test_yes_does_not_start_what_cannot_be_started(
    occ: Occ, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Precheck(what="port", fine=False, says="it is in use", fix="ss -lntup")
    monkeypatch.setattr(stages, "WRITING", replace(WRITING, prechecks=(taken,)))
    refused = occ("setup", "--yes")
    assert refused.status == 4
    assert "so nothing was written: it is in use" in refused.err
    assert occ("setup", "--yes", "--no-start").status == 0


def test_the_password_of_opencodes_server_is_asked_for_and_kept(
    occ: Occ, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = SetUp(
        service="web", config="c.toml", written=True, installed=False, password="OPENCODE_X"
    )
    monkeypatch.setattr(stage, "setup", lambda *_: done)
    monkeypatch.setattr(streams, "hidden", lambda _: "correct-horse")
    said = occ("setup", typed="y\nn\n", terminal=80)
    assert said.status == 0
    assert "Whoever reaches web works in it. Give it a password? [y/N] " in said.err
    assert stage.calls == [("secret put", ("OPENCODE_X", "web", "correct-horse"))]
    assert "correct-horse" not in said.out + said.err
    stage.calls.clear()
    assert occ("setup", typed="n\nn\n", terminal=80).status == 0
    assert occ("setup", "--yes", "--no-start").status == 0
    assert stage.calls == []
