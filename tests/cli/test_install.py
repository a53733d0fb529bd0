"""What `occ install` and `occ uninstall` say."""

from tests.cli.conftest import Occ
from tests.cli.stage import Stage

UNIT = "/etc/systemd/system/occ-web.service"


def test_it_says_where_and_when(occ: Occ, stage: Stage) -> None:
    said = occ("install", "--system")
    assert (said.status, said.err) == (0, "")
    assert said.out == f"web: {UNIT} installed; starts at boot\n"
    assert stage.calls == [("install", ("system", False))]


def test_a_dry_run_prints_the_unit_alone(occ: Occ, stage: Stage) -> None:
    said = occ("install", "--user", "--dry-run")
    assert said.out == "[Unit]\nDescription=web\n"
    assert said.err == f"{UNIT} would be:\n"
    assert stage.calls == [("install", ("user", True))]


def test_a_unit_that_waits_for_a_login_is_said_to(occ: Occ, stage: Stage) -> None:
    stage.reaches = ("only when ann logs in", "loginctl enable-linger ann")
    said = occ("install")
    assert said.status == 0
    assert said.err == (
        "note: it starts only when ann logs in\n  try: loginctl enable-linger ann\n"
    )
    assert stage.calls == [("install", (None, False))]


def test_uninstall(occ: Occ, stage: Stage) -> None:
    assert occ("uninstall").out == f"web: {UNIT} removed\n"
    stage.installed = False
    said = occ("uninstall")
    assert (said.status, said.out) == (0, f"web: unchanged, there is no {UNIT}\n")


def test_volumes_need_the_services_name_typed(occ: Occ, stage: Stage) -> None:
    said = occ("uninstall", "--volumes", "wep", "--yes")
    assert said.status == 2
    assert "occ uninstall --service web --volumes web" in said.err
    assert occ("uninstall", "--volumes", "web").status == 4
    assert [verb for verb, _ in stage.calls] == ["remove"]
    stage.calls.clear()
    assert occ("uninstall", "--volumes", "web", "--yes").status == 0
    assert [verb for verb, _ in stage.calls] == ["remove", "uninstall"]


def test_purge_names_the_files_and_asks(occ: Occ, stage: Stage) -> None:
    said = occ("uninstall", "--purge", typed="n\n", terminal=80)
    assert said.status == 4
    assert "these go, and the history with them:\n/etc/occ/config.toml\n" in said.err
    assert "note: its container stays\n" in said.err
    assert occ("uninstall", "--purge").status == 4
    assert "uninstall" not in [verb for verb, _ in stage.calls]
    said = occ("uninstall", "--purge", typed="y\n", terminal=80)
    assert said.status == 0
    assert "web: /etc/occ/config.toml removed\n" in said.out
    assert [verb for verb, _ in stage.calls[-3:]] == ["purging", "uninstall", "purge"]
