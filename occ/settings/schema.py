"""The config as JSON Schema, by which editors complete and check it: from the rows of the parser.

A schema sees forms alone. Whether two values go together, or one looks like a secret, is seen by
`occ config validate`.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from occ.domain.values import SERVICE as SERVICE_NAME
from occ.settings.catalogue import TABLES
from occ.settings.keys.health import OF_THE_PATH
from occ.settings.keys.notify import TARGET_NAME, WAYS
from occ.settings.keys.programs import HOOKS
from occ.settings.keys.setting import Setting, Shape
from occ.settings.toml.config_text import SCHEMA_URL

# Rules between the keys of one table, as far as a schema has words for them.
_RULES: Final[Mapping[str, Shape]] = {
    "services.NAME.": {
        "anyOf": [{"required": ["image"]}, {"required": ["build"]}],
        "not": {"required": ["build", "pull"]},
    },
    "services.NAME.build.": {"required": ["context"]},
    "notify.NAME.": {"oneOf": [{"required": [way]} for way in WAYS]},
    "services.NAME.hooks.PLACE.": {"required": ["run"]},
    "services.NAME.health.": {
        "dependentRequired": {
            **{key: ["path"] for key in OF_THE_PATH},
            "version_label": ["path", "version_field"],
        }
    },
}
_NAMED: Final = {"services.": SERVICE_NAME, "notify.": TARGET_NAME}
"""Tables of tables that people give names to, with the form of these."""
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_WRITTEN: Final = re.compile(r"`([^`]+)`")


def schema() -> dict[str, Any]:
    """The schema of the whole file (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_URL,
        "title": "config.toml of occ",
        **_table(""),
    }


def _table(prefix: str) -> dict[str, Any]:
    rows: Sequence[Setting] = TABLES[prefix]
    return {
        "type": "object",
        "properties": {row.key: _property(row, prefix) for row in rows},
        "additionalProperties": False,
        **_RULES.get(prefix, {}),
    }


def _property(row: Setting, prefix: str) -> dict[str, Any]:
    told = _LINK.sub(r"\1", row.meaning)
    default = _WRITTEN.fullmatch(row.default_text)
    if default is None:
        told = f"{told} Default: {row.default_text}."
    usual = tomllib.loads(f"default = {default[1]}") if default else {}
    return {"description": told, **_shape(row, f"{prefix}{row.key}."), **usual}


def _shape(row: Setting, within: str) -> Any:  # noqa: ANN401 - JSON
    """The shape of a key; where the key may be a table whose keys have rows, with these."""
    shape = _as_json(row.form.shape)
    if within in _NAMED:
        table, names = _table(f"{within}NAME."), {"pattern": _whole(_NAMED[within])}
        return {**shape, "propertyNames": names, "additionalProperties": table}
    if row in HOOKS:
        within = "services.NAME.hooks.PLACE."
    if within not in TABLES:
        return shape
    table = _table(within)
    return table if shape["type"] == "object" else {"anyOf": [shape, table]}


def _as_json(shape: Any) -> Any:  # noqa: ANN401 - JSON
    match shape:
        case re.Pattern():
            return _whole(shape)
        case Mapping():
            return {key: _as_json(value) for key, value in shape.items()}
        case list():
            return [_as_json(value) for value in shape]
        case _:
            return shape


def _whole(pattern: re.Pattern[str]) -> str:
    """The pattern of whole texts, without what only Python writes: names of groups, another end."""
    text = re.sub(r"\?P<\w+>", "", pattern.pattern).replace(r"\Z", "$")
    return f"^(?:{text})$"
