"""All of occ in memory, and what it imports late, by the import of this module."""
# ruff: noqa: F401 - to be imported is all that is wanted

import difflib
import encodings.ascii
import getpass
import importlib
import pkgutil

import alembic.command
import alembic.config
import click.shell_completion
import docker
import passlib.handlers.sha2_crypt
import platformdirs
import sqlalchemy.dialects.sqlite
import tabulate
import tomlkit
import wcwidth
import zstandard

import occ
from occ.journal.sqlite import migrate

for _module in pkgutil.walk_packages(occ.__path__, "occ."):
    if not _module.name.startswith("occ.migrations") and not _module.name.endswith("__main__"):
        importlib.import_module(_module.name)

migrate.scripts()  # looked for once in a process
