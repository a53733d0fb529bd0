"""How occ knows its own: the labels and tags that it puts on what it makes.

Identity is an id or a label, never a name. Labels are immutable, so "new" is what carries this
operation's number, and "old" is the id written in the plan.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from occ.domain.total import MOST_NUMBER, whole_number
from occ.domain.values import LOCAL_REPOSITORIES

JOURNAL = "occ.journal"
SERVICE = "occ.service"
VERSION = "occ.version"
OPERATION = "occ.operation"
ROLE = "occ.role"
SPEC = "occ.spec"
OWNER = "occ.owner"
HEAD = "occ.head"
HELPER = "occ.helper"
COPY = "occ.copy"
DATA = "occ.data"
"""The number of the data set that a volume belongs to."""
MAKING = "occ.making"
"""Drawn anew whenever a volume is made: another volume of the same name has another one."""

Role: TypeAlias = Literal["replacement", "restored"]


def mine(journal: str, service: str) -> Mapping[str, str]:
    """The labels that every container of a service carries."""
    return {JOURNAL: journal, SERVICE: service}


def made_by(journal: str, service: str, operation: int, role: Role) -> Mapping[str, str]:
    """The labels of the one container that an operation made in this role."""
    return {**mine(journal, service), OPERATION: str(operation), ROLE: role}


def number(labels: Mapping[str, str], name: str) -> int:
    """A label that holds a number; 0 when it is missing or holds something else."""
    text = labels.get(name)
    return whole_number(text, MOST_NUMBER) or 0 if text else 0


def keep_reference(journal: str, service: str, version: int) -> str:
    """The tag that keeps a version's image on the host; it survives `image prune`."""
    return f"{LOCAL_REPOSITORIES}{journal[:8]}/{service}:v{version}"


def volume_name(service: str, path: str) -> str:
    """`<service>.<path with / as ->`; a path that is ambiguous that way gets a digest behind it.

    `/var/lib/web` and `/var/lib-web` would be one volume otherwise.
    """
    plain = path.strip("/")
    name = f"{service}.{re.sub(r'[^a-zA-Z0-9_.]', '-', plain)}"
    if re.fullmatch(r"[a-zA-Z0-9_./]*", plain):
        return name
    return f"{name}.{hashlib.sha256(path.encode()).hexdigest()[:8]}"
