"""What `occ import-config` says and asks."""

from tests.cli.conftest import Occ
from tests.cli.stage import Stage


def test_it_says_what_is_left_shows_the_difference_and_asks(occ: Occ, stage: Stage) -> None:
    said = occ("import-config", "/old/config.json", typed="y\n", terminal=80)
    assert said.status == 0
    assert "note: not carried: boot_mode: occ install --system, or --user, says it\n" in said.err
    assert '+[services.web]\n+image = "example.test/web:latest"\n' in said.err
    assert "Write this into /etc/occ/config.toml? [y/N] " in said.err
    assert "web: written into /etc/occ/config.toml\n" in said.out
    assert "web: API_TOKEN stored in /etc/occ/web.secrets\n" in said.out
    assert stage.calls == [("import_config", ("/old/config.json", None))]
    assert stage.opened["new"]


def test_no_and_nobody(occ: Occ) -> None:
    assert occ("import-config", typed="n\n", terminal=80).status == 4
    said = occ("import-config")
    assert (said.status, said.out) == (4, "")
    assert "occ import-config --yes" in said.err
