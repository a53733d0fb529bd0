"""Holds: an operator's word that a service stays at the image that runs."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHeld:
    """An operator holds a service: no newer image is taken unasked. A later hold replaces it."""

    operator: str
    """The operator."""
    why: str = ""
    """In the operator's words."""
    until: int = 0
    """When it ends by itself, ms since 1970; 0 for never."""


@dataclass(frozen=True, slots=True)
class ServiceReleased:
    """An operator ended the hold of a service, and whatever a rollback had left of that sort."""


HoldEvent: TypeAlias = ServiceHeld | ServiceReleased


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The last hold of a service, until an operator releases it."""

    operation: int
    since: int
    """ms since 1970, as `until`."""
    operator: str
    why: str = ""
    until: int = 0
    """0 for never."""

    def counts(self, now: int) -> bool:
        """Whether it keeps newer images away at this moment."""
        return not self.until or now < self.until

    @property
    def says(self) -> str:
        """All of it but its times, in words."""
        said = f"{self.operator} holds it since operation {self.operation}"
        return f"{said}: {self.why}" if self.why else said
