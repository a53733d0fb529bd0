"""The person who is typing, for the audit: read off the process and its environment."""

import os
import platform
import pwd
from collections.abc import Mapping, Sequence

from occ.domain.plan_token import typed_short
from occ.domain.secrets.secrecy import clean_argv
from occ.domain.values import AUTO, AUTO_VIA, Actor


def whoami(environ: Mapping[str, str], argv: Sequence[str]) -> Actor:
    """The person behind this process: through sudo and ssh, and named as CI where it is one."""
    return Actor(
        operator=environ.get("SUDO_USER") or login(),
        via=_via(environ),
        machine=platform.node(),
        pid=os.getpid(),
        argv=clean_argv(typed_short(argv)),
    )


def unattended(environ: Mapping[str, str], argv: Sequence[str]) -> Actor:  # noqa: ARG001 - as `whoami`
    """`occ auto run`, for nobody in particular; its account stands beside."""
    return Actor(
        operator=AUTO,
        via=f"{AUTO_VIA}{login()}",
        machine=platform.node(),
        pid=os.getpid(),
        argv=tuple(clean_argv(argv)),
    )


def login() -> str:
    """The account of this process: its name, else its number."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # an id without an account, as in many containers
        return str(os.geteuid())


def _via(environ: Mapping[str, str]) -> str:
    ways = []
    if environ.get("SUDO_USER"):
        ways.append("sudo")
    if client := environ.get("SSH_CLIENT", environ.get("SSH_CONNECTION", "")).split():
        ways.append(f"ssh {client[0]}")
    if environ.get("CI"):
        ways.append("ci")
    return ", ".join(ways)
