"""Every field of the engine's create call, as its description tells them, has a place."""

from occ.domain.engine_keys import CONFIG_KEYS, HOST_KEYS
from occ.settings.keys.service import SERVICE
from tests.options import FIELDS


def test_every_field_is_a_key_of_the_engine_or_has_a_word_or_a_reason() -> None:
    for table, keys in (("Config", CONFIG_KEYS), ("HostConfig", HOST_KEYS)):
        assert {name for name, place in FIELDS[table].items() if place == "engine"} == set(keys)
    own = {setting.key for setting in SERVICE}
    named = {
        place
        for table in ("Config", "HostConfig")
        for place in FIELDS[table].values()
        if place.islower()
    }
    assert named <= {*own, "engine"}
    assert all(FIELDS[table].values() for table in ("Config", "HostConfig", "Endpoint", "Mount"))
