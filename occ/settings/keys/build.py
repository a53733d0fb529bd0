"""`[services.NAME.build]`: the keys, and how they become a Build."""

import os
from collections.abc import Mapping
from typing import Final

from occ.domain.spec import Build
from occ.settings.keys import names, short_syntax
from occ.settings.keys.key_table import Setting, Table
from occ.settings.toml.node import Node


def _flag(node: Node) -> bool:
    if not isinstance(node.value, bool):
        raise node.bad(f"true or false is wanted, not {node.kind()}", "write true or false")
    return node.value


def _folder(node: Node) -> str:
    found = short_syntax.expand(node, names.text(node))
    return os.path.normpath(node.source.file.parent / found)


def _within(node: Node) -> str:
    found = names.text(node)
    if found.startswith("/") or ".." in found.split("/"):
        raise node.bad(
            "it lies outside of the context", 'write it as seen from there: "Dockerfile"'
        )
    return found


def _args(node: Node) -> Mapping[str, str]:
    if not isinstance(node.value, dict):
        raise node.bad(f"a table is wanted, not {node.kind()}", 'write args = { NAME = "value" }')
    return names.env(node)


CONTEXT: Final = Setting[str](
    key="context",
    kind="path",
    default="",
    default_text="none: it must be written",
    meaning="Folder that is sent to the engine but for what `.dockerignore` names; a relative path "
    "starts at the config's folder.",
    read=_folder,
)
DOCKERFILE: Final = Setting[str](
    key="dockerfile",
    kind="path",
    default="Dockerfile",
    default_text='`"Dockerfile"`',
    meaning="What is built, as seen from the context.",
    read=_within,
)
ARGS: Final = Setting[Mapping[str, str]](
    key="args",
    kind="table of texts",
    default={},
    default_text="none",
    meaning="Values for the Dockerfile's ARGs. They stay in the image's history, so what looks "
    "like a secret is refused here.",
    read=_args,
)
TARGET: Final = Setting[str](
    key="target",
    kind="text",
    default="",
    default_text="the last stage",
    meaning="The stage of the Dockerfile to build.",
    read=names.text,
)
PULL: Final = Setting[bool](
    key="pull",
    kind="`true` or `false`",
    default=False,
    default_text="`false`",
    meaning="Whether the registry is asked for newer base images.",
    read=_flag,
)

BUILD: Final[tuple[Setting[object], ...]] = (CONTEXT, DOCKERFILE, ARGS, TARGET, PULL)


def build(node: Node) -> Build | None:
    """How the image is made.

    Raises:
        ConfigError: something in it cannot be used.
    """
    table = Table.of(node, BUILD, 'build = { context = "." }')
    if not table.has(CONTEXT):
        raise node.bad("context is missing", 'add context = "."')
    return Build(
        context=table.take(CONTEXT),
        dockerfile=table.take(DOCKERFILE),
        args=table.take(ARGS),
        target=table.take(TARGET),
        pull=table.take(PULL),
    )


def reference(name: str) -> str:
    """The tag of what is built for a service that has no `image`."""
    return f"occ.local/build/{name}:latest"
