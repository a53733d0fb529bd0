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
