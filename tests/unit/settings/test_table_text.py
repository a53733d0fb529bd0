"""Tables as text: the same when read again, and laid out for people."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from occ.settings.toml.table_text import emit

PATH = ("services", "web")
KEYS = st.text(max_size=4)
VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(max_size=60),
    lambda within: st.lists(within, max_size=3) | st.dictionaries(KEYS, within, max_size=3),
    max_leaves=9,
)


@given(table=st.dictionaries(KEYS, VALUES, max_size=4))
def test_a_table_is_the_same_when_it_is_read_again(table: dict[str, object]) -> None:
    assert tomllib.loads(emit(PATH, table)) == {"services": {"web": table}}


def test_a_short_table_within_one_of_a_service_is_a_value() -> None:
    table = {
        "image": "x",
        "env": {},
        "engine": {
            "Init": True,
            "ExposedPorts": {"9000/udp": {}},
            "EndpointsConfig": {"front": {"Aliases": ["a" * 30, "b" * 30, "c" * 30]}},
        },
    }
    assert emit(PATH, table) == (
        '[services.web]\nimage = "x"\n'
        "\n[services.web.env]\n"
        '\n[services.web.engine]\nInit = true\nExposedPorts = { "9000/udp" = {} }\n'
        "\n[services.web.engine.EndpointsConfig.front]\n"
        f'Aliases = [\n    "{"a" * 30}",\n    "{"b" * 30}",\n    "{"c" * 30}",\n]\n'
    )
