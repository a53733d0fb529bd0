"""`[services.NAME.build]`: the keys, and how they become a Build."""

import os
import re
from collections.abc import Mapping
from typing import Final

from occ.domain.spec import Build
from occ.domain.values import LOCAL_REPOSITORIES
from occ.settings.keys import forms, readers, short_syntax
from occ.settings.keys.setting import Form, Setting, Table
from occ.settings.toml.node import Node

_BELOW: Final = re.compile("[^/].*")


def _folder(node: Node) -> str:
    return os.path.normpath(short_syntax.beside_config(node))


def _within(node: Node) -> str:
    found = readers.text(node)
    if found.startswith("/") or ".." in found.split("/"):
        raise node.bad(
            "it lies outside of the context", 'write it as seen from there: "Dockerfile"'
        )
    return found


def _args(node: Node) -> Mapping[str, str]:
    if not isinstance(node.value, dict):
        raise node.bad(
            f"a table is wanted, not {node.type_name()}", 'write args = { NAME = "value" }'
        )
    return readers.env(node)


BUILD: Final = (
    Setting(
        key="context",
        form=forms.path(_folder),
        default_text="none: it must be written",
        meaning="Folder that is sent to the engine but for what `.dockerignore` names; a relative "
        "path starts at the config's folder.",
    ),
    Setting(
        key="dockerfile",
        form=Form("path", _within, shape={**forms.TEXT, "pattern": _BELOW}),
        default_text='`"Dockerfile"`',
        meaning="What is built, as seen from the context.",
    ),
    Setting(
        key="args",
        form=Form("table of texts", _args, shape=forms.TEXTS),
        meaning="Values for the Dockerfile's ARGs. They stay in the image's history, so what "
        "looks like a secret is refused here.",
    ),
    Setting(
        key="target",
        form=forms.text(readers.text),
        default_text="the last stage",
        meaning="The stage of the Dockerfile to build.",
    ),
    Setting(
        key="pull",
        form=forms.FLAG,
        default_text="`false`",
        meaning="Whether the registry is asked for newer base images.",
    ),
)


def build(node: Node) -> Build:
    """How the image is made.

    Raises:
        ConfigError: something in it cannot be used.
    """
    table = Table.of(node, BUILD, 'build = { context = "." }')
    if not table.has("context"):
        raise node.bad("context is missing", 'add context = "."')
    return Build(**table.values_of(Build))


def reference(name: str) -> str:
    """The tag of what is built for a service that has no `image`."""
    return f"{LOCAL_REPOSITORIES}build/{name}:latest"
