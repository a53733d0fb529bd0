"""`[services.NAME.limits]`: the keys, and how they become Limits."""

from typing import Final

from occ.domain.spec import Limits
from occ.settings.keys import forms, measures
from occ.settings.keys.setting import Setting, Table
from occ.settings.toml.node import Node

LIMITS: Final = (
    Setting(
        key="memory",
        field="memory_bytes",
        form=forms.measure(
            'bytes, or text such as `"512m"`',
            measures.size,
            measures.size_text,
            measures.MEMORY,
            measures.SIZE,
        ),
        default_text="no bound",
        meaning="Most memory; m is 1024 x 1024, as Docker has it.",
        engine_names=("Memory",),
    ),
    Setting(
        key="cpus",
        field="nano_cpus",
        form=forms.measure(
            'number, or text such as `"1.5"`',
            measures.nano_cpus,
            measures.cpus_text,
            measures.PROCESSORS,
            measures.CPUS,
        ),
        default_text="no bound",
        meaning="How many processors' worth of time.",
        engine_names=("NanoCpus",),
    ),
    Setting(
        key="pids",
        form=forms.whole(0, 1 << 22),
        default_text="no bound",
        meaning="Most processes and threads.",
        engine_names=("PidsLimit",),
    ),
)


def limits(node: Node) -> Limits:
    """Bounds on what the container may use.

    Raises:
        ConfigError: something in it cannot be used.
    """
    return Limits(**Table.of(node, LIMITS, 'limits = { memory = "2g" }').values_of(Limits))
