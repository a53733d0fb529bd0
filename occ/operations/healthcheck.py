"""The HEALTHCHECK that a container has: its image's, as far as its spec declares no other."""

from collections.abc import Mapping

from occ.domain.spec import Spec
from occ.domain.values import NS_A_MS, HealthCheck, Json


def effective_healthcheck(spec: Spec, image: HealthCheck | None) -> HealthCheck | None:
    """The HEALTHCHECK that the engine makes of the image's and the declared one; None without any.

    A value that the declared one leaves out or has as 0 is the image's, else the engine's default.
    """
    declared = spec.engine.get("Healthcheck")
    if not isinstance(declared, Mapping):
        return image
    test = declared.get("Test")
    words = tuple(str(word) for word in test) if isinstance(test, list) else ()
    if words[:1] == ("NONE",) or not (words or image):
        return None
    base = image or HealthCheck()
    return HealthCheck(
        interval_ms=_ms(declared, "Interval") or base.interval_ms,
        timeout_ms=_ms(declared, "Timeout") or base.timeout_ms,
        start_period_ms=_ms(declared, "StartPeriod") or base.start_period_ms,
        retries=_number(declared.get("Retries")) or base.retries,
        words=words[1:] or base.words,
    )


def _ms(declared: Mapping[str, Json], name: str) -> int:
    return _number(declared.get(name)) // NS_A_MS


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0
