"""`[services.NAME.limits]`: the keys, and how they become Limits."""

from typing import Final

from occ.domain.spec import Limits
from occ.settings.keys import measures, names
from occ.settings.keys.key_table import Setting, Table
from occ.settings.toml.node import Node

_WITHOUT = Limits()

MEMORY: Final = Setting(
    key="memory",
    kind='bytes, or text such as `"512m"`',
    default=_WITHOUT.memory_bytes,
    default_text="no bound",
    meaning="Most memory; m is 1024 x 1024, as Docker has it.",
    read=measures.size,
)
CPUS: Final = Setting(
    key="cpus",
    kind='number, or text such as `"1.5"`',
    default=_WITHOUT.nano_cpus,
    default_text="no bound",
    meaning="How many processors' worth of time.",
    read=measures.nano_cpus,
)
PIDS: Final = Setting(
    key="pids",
    kind="whole number",
    default=_WITHOUT.pids,
    default_text="no bound",
    meaning="Most processes and threads.",
    read=names.whole(0, 1 << 22),
)

LIMITS: Final[tuple[Setting[object], ...]] = (MEMORY, CPUS, PIDS)


def limits(node: Node) -> Limits:
    """Bounds on what the container may use."""
    table = Table.of(node, LIMITS, 'limits = { memory = "2g" }')
    return Limits(
        memory_bytes=table.take(MEMORY), nano_cpus=table.take(CPUS), pids=table.take(PIDS)
    )
