"""How often a strange answer is drawn: a few times in plain tox, `tox run -e strange` at length."""

import os

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("OCC_STRANGE", "1"))
"""How many times as many examples as in plain tox."""
EXAMPLES = 100 * TIMES
"""Examples of each property of a reader."""


def many(usual: int) -> settings:
    """The settings of a property whose example is a whole world, or a container."""
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    # Shrinking would make hundreds of worlds more.
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    return settings(
        max_examples=usual * TIMES, deadline=None, suppress_health_check=checks, phases=phases
    )
