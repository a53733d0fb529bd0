"""The steps that write what an adoption found out: the secrets, and the table of the config."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from occ.domain.spec import Port, Spec
from occ.errors import ConfigError, NotFoundError
from occ.operations.step_context import StepContext
from occ.operations.steps.settings import StoreSecrets, WriteConfig
from tests.unit.operations.house import House
from tests.unit.operations.inside import VERSION

OTHER = '[services.other]\nimage = "a/b:1"\nusers = ["ann"]\n'
TABLE = """
[services.web]
image = "example.test/web:1"
pull = "never"
ports = ["127.0.0.1:80:8080"]
secrets_file = "/etc/web.secrets"
"""


@pytest.fixture
def house(tmp_path: Path) -> House:
    made = House(folder=tmp_path)
    made.web = made.put(
        "mine", spec=Spec(env={"API_TOKEN": "hunter22", "DB_PASSWORD": "swordfish", "PIN": "1234"})
    )
    return made


def written(house: House) -> Path:
    return house.folder / "web.secrets"


def secrets(house: House, *names: str, secret: tuple[str, ...] = ()) -> StoreSecrets:
    return StoreSecrets(house.web, str(written(house)), names, secret)


def context(house: House) -> StepContext:
    spec = Spec(ports=(Port(container=8080, host=80),))
    return replace(house.context(), versions={3: replace(VERSION, number=3, spec=spec)})


def config(house: House) -> WriteConfig:
    return WriteConfig(str(house.config), 3, "never", "/etc/web.secrets")


def test_the_secrets_that_are_missing_are_stored_for_their_owner_alone(house: House) -> None:
    step = secrets(house, "API_TOKEN", "DB_PASSWORD")
    assert step.seen(house.context()) is None
    assert step.apply(house.context()) == {"said": "API_TOKEN, DB_PASSWORD"}
    assert written(house).read_text() == "API_TOKEN=hunter22\nDB_PASSWORD=swordfish\n"
    assert stat.S_IMODE(written(house).stat().st_mode) == 0o600
    assert step.seen(house.context()) is None


def test_no_other_secret_is_stored(house: House) -> None:
    secrets(house, "API_TOKEN").apply(house.context())
    assert written(house).read_text() == "API_TOKEN=hunter22\n"


def test_what_somebody_said_is_a_secret_is_stored_too(house: House) -> None:
    secrets(house, "PIN", secret=("PIN",)).apply(house.context())
    assert written(house).read_text() == "PIN=1234\n"


def test_a_secret_that_stands_there_with_another_value_is_never_overwritten(house: House) -> None:
    written(house).touch(mode=0o600)
    written(house).write_text("API_TOKEN=mine\n")
    with pytest.raises(ConfigError, match="API_TOKEN stands there with another value"):
        secrets(house, "API_TOKEN").apply(house.context())
    assert written(house).read_text() == "API_TOKEN=mine\n"


def test_secrets_are_gone_with_their_container(house: House) -> None:
    house.engine.remove(house.web)
    with pytest.raises(NotFoundError, match=f"container {house.web[:12]} is gone") as told:
        secrets(house, "API_TOKEN").apply(house.context())
    assert told.value.hint == "occ abort"
    assert not written(house).exists()


def test_stored_secrets_are_taken_out_and_others_stay(house: House) -> None:
    step = secrets(house, "API_TOKEN")
    written(house).touch(mode=0o600)
    written(house).write_text("OTHER=1\n")
    step.apply(house.context())
    assert step.revert(house.context()) == {"said": "taken out"}
    assert written(house).read_text() == "OTHER=1\n"


def test_a_version_is_declared_at_the_end_of_the_config(house: House) -> None:
    step = config(house)
    assert step.seen(context(house)) is None
    assert step.apply(context(house)) == {"said": str(house.config)}
    assert house.config.read_text() == OTHER + TABLE
    assert step.seen(context(house)) == {"said": str(house.config)}


def test_a_version_without_secrets_names_no_file(house: House) -> None:
    step = WriteConfig(str(house.config), 3, "always")
    assert step.text(context(house)) == (
        '[services.web]\nimage = "example.test/web:1"\nports = ["127.0.0.1:80:8080"]\n'
    )


def test_a_container_of_another_name_is_declared_so(house: House) -> None:
    step = WriteConfig(str(house.config), 3, "always", called="A5")
    assert 'container = "A5"\n' in step.text(context(house))


def test_a_service_that_the_config_has_is_not_declared_again(house: House) -> None:
    mine = '[services.web]\nimage = "mine:1"\n'
    house.config.write_text(mine)
    assert config(house).seen(context(house)) == {"said": str(house.config)}
    assert config(house).apply(context(house)) == {"said": str(house.config)}
    assert house.config.read_text() == mine


def test_a_declared_version_is_taken_out_again(house: House) -> None:
    config(house).apply(context(house))
    assert config(house).revert(context(house)) == {"said": "taken out"}
    assert house.config.read_text() == OTHER


def test_a_table_that_was_changed_since_is_left(house: House) -> None:
    config(house).apply(context(house))
    changed = house.config.read_text().replace(":80:", ":81:")
    house.config.write_text(changed)
    assert config(house).revert(context(house)) == {"said": "left: it was changed since"}
    assert house.config.read_text() == changed
