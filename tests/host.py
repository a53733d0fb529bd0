"""What a host has of a service, asked of the engine itself and never of occ."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import docker

from occ.cli import COMMANDS
from tests.testbed.engine import PrivateEngine


@contextmanager
def client(engine: PrivateEngine) -> Iterator[docker.APIClient]:
    """A client of an engine, closed at the end."""
    one = engine.client()
    try:
        yield one
    finally:
        one.close()


def containers(engine: PrivateEngine, service: str) -> dict[str, str]:
    """The state of every container whose name begins with the service's."""
    with client(engine) as one:
        found = one.containers(all=True, filters={"name": f"^/{service}"})
    return {each["Names"][0].removeprefix("/"): each["State"] for each in found}


def inspect(engine: PrivateEngine, name: str) -> Any:
    """A container as the engine tells it."""
    with client(engine) as one:
        return one.inspect_container(name)


def birth(engine: PrivateEngine, name: str) -> tuple[str, str]:
    """Which container it is, and when it was started: the same pair means no outage between."""
    there = inspect(engine, name)
    return there["Id"], there["State"]["StartedAt"]


def advised(said: str) -> set[str]:
    """The commands of occ that an error's last line tells to type; each of them exists."""
    advice = said.rpartition("  try: ")[2]
    found = set(re.findall(r"(?<![\w/])occ (?:--\S+ \S+ )*([a-z][a-z-]*)", advice))
    unknown = found - set(COMMANDS)
    assert not unknown, f"no such command: {unknown}\n{said}"
    return found


def inside(engine: PrivateEngine, name: str, script: str) -> str:
    """What a script that always says something says, run as root in a container.

    Now and then Docker 20.10 ends the stream of an exec that was quick before anything came
    through; then it is run again.
    """
    with client(engine) as one:
        for _ in range(5):
            run = one.exec_create(name, ["sh", "-c", script], user="0:0")
            out: bytes = one.exec_start(run["Id"])
            if out:
                break
    return out.decode()
