"""Any model at all is answered with tables that are a config, and never with a crash."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from occ.app.config.compose.engine_words import _PLAIN
from occ.app.config.compose.service import _LEFT
from occ.app.config.compose.tables import tables_of
from occ.errors import ConfigError
from occ.settings.read import services_of
from occ.settings.toml.table_text import emit

MODELS = sorted((Path(__file__).parents[2] / "compose").glob("*.json"))
# Every key that a service of the eight shapes has, every one of a table of ours, and one of nobody.
SHAPES = [one for path in MODELS for one in json.loads(path.read_text())["services"].values()]
KEYS = sorted(
    {key for shape in SHAPES for key in shape}
    | {*_PLAIN, *_LEFT, "build", "gpus", "ipc", "scale", "secrets", "nobodys"}
)
VALUE = "hunter2hunter2"
INNER = (
    *(
        "source",
        "target",
        "type",
        "published",
        "protocol",
        "host_ip",
        "test",
        "interval",
        "context",
    ),
    *("resources", "limits", "memory", "cpus", "aliases", "soft", "condition", "name", "external"),
)
WORDS = (
    *(
        "",
        "x",
        "/x",
        "80",
        "-1",
        "1m",
        "a/b:1",
        "volume",
        "bind",
        "tmpfs",
        "A=b",
        "host",
        "\0",
        "é",
    ),
    *("service:db", "{{secret:X}}", f"password={VALUE}", "occ.x", "always", "$x", "\n"),
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(WORDS)
    | st.text(max_size=6)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(INNER) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)
SERVICE = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6).map(
    lambda keys: {"image": "a/b:1", **keys}
)
TOP = st.dictionaries(
    st.sampled_from(["networks", "volumes", "secrets", "configs", "include", "x-y"]), VALUES
)
NAMES = st.sampled_from(["web", "db", "default", "My App", "x"]) | st.text(max_size=4)


def answered(content: str) -> None:
    try:
        found = tables_of(content, "-")
    except ConfigError:
        return
    for name, table in found.tables.items():
        assert services_of(emit(("services", name), table), Path("config.toml"), "")
        assert VALUE not in emit(("services", name), table)
    assert [line for line in (*found.left, *found.notes) if VALUE in line] == []


@settings(deadline=None, max_examples=200, suppress_health_check=[*HealthCheck])
@given(st.dictionaries(NAMES, SERVICE | VALUES, max_size=3), TOP, st.text(min_size=1, max_size=4))
def test_any_services(services: Any, top: Any, name: str) -> None:
    answered(json.dumps({**top, "name": name, "services": services}))


@settings(deadline=None, max_examples=100)
@given(VALUES)
def test_any_json(value: Any) -> None:
    answered(json.dumps(value))


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=40))
def test_any_text(text: str) -> None:
    answered(text)
