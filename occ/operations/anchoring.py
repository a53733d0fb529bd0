"""Volumes of a data set that a helper mounts, so that nobody's `docker volume prune` takes them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from occ.domain.data_sets import DataSets
from occ.domain.spec import Spec, Volume
from occ.engine.port import Engine
from occ.engine.values import Container
from occ.errors import EngineRefusedError, FailedError
from occ.operations import labels
from occ.operations.lending import Lender, mounts

_PLACE: Final = "/occ-data/"
ANCHORS: Final = "data "
"""The beginning of the label by which such a helper is known."""
_RANDOM_BYTES: Final = 8


def anchor_name(service: str, number: int) -> str:
    """The name of the helper that anchors the volumes of a data set."""
    return f"{service}.occ-data-{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The helper that anchors the volumes of one data set, each read-only and not filled."""

    engine: Engine
    journal: str
    service: str
    operation: int
    number: int
    """The data set's."""
    called: str = ""
    image: str = ""
    volumes: tuple[str, ...] = ()

    def there(self) -> Container | None:
        """The helper, if it anchors all of them."""
        return next((one for one in self.lender.there() if mounts(one, self._mounted)), None)

    def have(self) -> None:
        """Have the helper, and none that anchors others.

        Raises:
            FailedError: another container has its name.
        """
        if self.there() is None:
            self.clear()
            self.lender.lend(self._mounted)

    def clear(self, *, ours: bool = False) -> None:
        """Have no helper; with `ours` none that this operation made."""
        for helper in self.lender.there():
            if not ours or helper.labels.get(labels.OPERATION) == str(self.operation):
                self.engine.remove(helper.id)

    @property
    def lender(self) -> Lender:
        """How the helper is known, made and removed."""
        known = {
            labels.JOURNAL: self.journal,
            labels.HELPER: f"{ANCHORS}{self.number} of {self.service}",
        }
        return Lender(
            engine=self.engine,
            name=self.called,
            service=self.service,
            image=self.image,
            known=known,
            operation=self.operation,
        )

    @property
    def _mounted(self) -> Spec:
        return Spec(
            volumes=tuple(
                Volume(name=name, path=f"{_PLACE}{at}", read_only=True)
                for at, name in enumerate(self.volumes, 1)
            )
        )


def unanchored(
    engine: Engine, journal: str, service: str, data: DataSets
) -> Mapping[int, tuple[str, ...]]:
    """The data sets that were left of which a volume has no anchor, each with all that are there.

    `docker container prune` takes an anchor, as any container that does not run.
    """
    helpers = engine.containers({labels.JOURNAL: journal, labels.HELPER: ""})
    known = {f"{ANCHORS}{number} of {service}" for number in data.known}
    anchors = (one for one in helpers if one.labels[labels.HELPER] in known)
    anchored = {volume for one in anchors for volume in one.mounts.values()}
    there = {
        number: tuple(
            volume
            for volume in data.apart(number, data.number)
            if engine.volume(volume) is not None
        )
        for number in data.left
    }
    return {number: volumes for number, volumes in there.items() if set(volumes) - anchored}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVolumes:
    """The volumes that one operation makes; it never takes another one's for its own."""

    engine: Engine
    journal: str
    service: str
    operation: int

    def own(self, volume: str) -> Mapping[str, str] | None:
        """The labels of a volume that this operation made; None where there is none.

        Raises:
            EngineRefusedError: somebody else made a volume of that name.
        """
        there = self.engine.volume(volume)
        if there is not None and not self._mark.items() <= there.items():
            raise EngineRefusedError(
                f"a volume {volume} exists, and would be written into",
                hint=f"if nothing needs it: docker volume rm {volume}",
            )
        return there

    def make(self, volume: str, number: int) -> None:
        """Have a volume for a data set; one that this operation made is left as it is.

        Raises:
            EngineRefusedError: somebody else made a volume of that name.
        """
        if self.own(volume) is None:
            mark = {**self._mark, labels.DATA: str(number)}
            drawn = {labels.MAKING: secrets.token_hex(_RANDOM_BYTES)}
            self.engine.create_volume(volume, {**mark, **drawn})

    def remake(self, volume: str) -> None:
        """Have a volume of ours empty: it is removed and made again, as is whoever anchors it.

        Raises:
            EngineRefusedError: a container that is no helper of ours mounts it.
            FailedError: it is gone, or another one of its set went meanwhile.
        """
        number = labels.number(self.own(volume) or {}, labels.DATA)
        helpers = self.helpers(volume)
        for helper in helpers:
            self.engine.remove(helper.id)
        self.engine.remove_volume(volume)
        self.make(volume, number)
        for helper in helpers:
            if helper.labels[labels.HELPER].startswith(ANCHORS):
                self._hold_again(helper)

    def helpers(self, volume: str) -> tuple[Container, ...]:
        """The helpers of ours that mount a volume.

        Raises:
            EngineRefusedError: another container mounts it too.
        """
        mounting = [one.container for one in self.engine.neighbours((), (volume,))]
        for one in mounting:
            helper = one.labels.get(labels.HELPER) and not one.running
            if not helper or one.labels.get(labels.JOURNAL) != self.journal:
                raise EngineRefusedError(
                    f"the container {one.name} mounts the volume {volume}",
                    hint=f"if nothing needs it: docker rm {one.name}",
                )
        return tuple(mounting)

    def remove(self, volume: str) -> str:
        """Have a volume gone if this operation made it; a sentence where it had to be left."""
        there = self.engine.volume(volume)
        if there is None or not self._mark.items() <= there.items():
            return ""
        try:
            for helper in self.helpers(volume):
                self.engine.remove(helper.id)
        except EngineRefusedError as error:
            return f"the volume {volume} was left: {error.message}"
        self.engine.remove_volume(volume)
        return ""

    def _hold_again(self, helper: Container) -> None:
        anchored = sorted(
            (path, name) for path, name in helper.mounts.items() if _is_anchored(path)
        )
        for _, name in anchored:
            if self.engine.volume(name) is None:  # the engine would make an empty one for it
                raise FailedError(f"the volume {name} was removed meanwhile", hint="occ resume")
        known = {key: helper.labels[key] for key in (labels.JOURNAL, labels.HELPER)}
        Lender(
            engine=self.engine,
            name=helper.name,
            service=self.service,
            image=helper.image,
            known=known,
            operation=labels.number(helper.labels, labels.OPERATION),
        ).lend(Spec(volumes=tuple(Volume(name=n, path=p, read_only=True) for p, n in anchored)))

    @property
    def _mark(self) -> Mapping[str, str]:
        mine = labels.mine(self.journal, self.service)
        return {**mine, labels.OPERATION: str(self.operation)}


def _is_anchored(path: str) -> bool:
    return path.startswith(_PLACE)
