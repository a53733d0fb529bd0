"""Tries cells on real engines, several at a time, and compares each with its stated end."""

import itertools
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from tests.crash.cells import CrashZygote, Ground
from tests.faults import batches
from tests.faults.cells import SLOWLY, Act, Plan, Seen, Stage, stage, tried
from tests.faults.plans import BATCHED, stated
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.registry import Registry
from tests.testbed.releases import chosen

KINDS = {
    "one": ("good", "1.0"),
    "two": ("good", "2.0"),
    "bad": ("sick", "3.0"),
    "crash": ("crash", "4.0"),
    "slow": ("slow", "1.0"),
    "diary1": ("diary", "1.0"),
    "diary2": ("diary", "2.0"),
    "blind1": ("blind", "1.0"),
    "ruins": ("ruins", "2.0"),
}
BATCH = 12  # fewer than the networks that a private engine has addresses for


@dataclass(frozen=True)
class Result:
    """A cell that was tried; `differs` says how, empty when it ended as stated."""

    plan: Plan
    differs: str = ""


@dataclass
class Matrix:
    """Two engines, a registry, and processes that are occ."""

    ground: Ground
    victim: Ground
    zygotes: SimpleQueue[CrashZygote]
    at_once: int
    folder: Path
    tell: Callable[[Result], None] = lambda _: None
    _names: Iterator[int] = field(default_factory=itertools.count)

    def run(self, plans: Sequence[Plan]) -> list[Result]:
        """Try all of them."""
        alone = [plan for plan in plans if plan.fault not in BATCHED]
        with ThreadPoolExecutor(self.at_once) as pool, ThreadPoolExecutor(1) as side:
            batched = side.submit(self._batches, plans)
            return [*pool.map(self._alone, alone), *batched.result()]

    def _batches(self, plans: Sequence[Plan]) -> list[Result]:
        results = []
        for fault in BATCHED:
            mine = [plan for plan in plans if plan.fault == fault]
            # images that another service uses are not pruned, so each is pruned by itself
            size = 1 if fault == "prune" else BATCH
            for i in range(0, len(mine), size):
                results += self._together(fault, mine[i : i + size])
        return results

    def _alone(self, plan: Plan) -> Result:
        first = "slow" if plan.fault in SLOWLY else "one"
        return self._told(plan, lambda: self._cell(self.ground, plan, first=first))

    def _together(self, fault: str, plans: Sequence[Plan]) -> list[Result]:
        engine = self.victim.engine
        deed = {"engine9": batches.killed, "engine15": batches.restarted, "prune": batches.pruned}
        gathering: batches.Gathering
        if fault == "late":
            gathering = batches.Gathering(
                len(plans), lambda pids: batches.late(engine, pids, gathering.done.set)
            )
        else:
            gathering = batches.Gathering(len(plans), lambda _: deed[fault](engine))
        try:
            with ThreadPoolExecutor(len(plans)) as pool:
                return list(pool.map(lambda plan: self._in_batch(gathering, plan), plans))
        finally:
            engine.heal()

    def _in_batch(self, gathering: batches.Gathering, plan: Plan) -> Result:
        came = threading.Event()

        def act(pid: int) -> None:
            came.set()
            gathering.come(pid)

        def once() -> Seen:
            try:
                first = "slow" if plan.fault in SLOWLY else "one"
                return self._cell(self.victim, plan, act, first)
            finally:
                if not came.is_set():
                    gathering.stay_away()

        return self._told(plan, once)

    def _cell(self, ground: Ground, plan: Plan, act: Act | None = None, first: str = "one") -> Seen:
        name = f"f{next(self._names)}x"
        with self.zygote() as zygote:
            folder = self.folder / name
            with stage(ground, zygote, folder, name, plan) as on:
                return tried(on, plan, act, first)

    @contextmanager
    def alone(self, name: str) -> Iterator[Stage]:
        """A service on the first engine, for whoever wants to do something else with it."""
        with (
            self.zygote() as zygote,
            stage(self.ground, zygote, self.folder / name, name) as on,
        ):
            yield on

    @contextmanager
    def zygote(self) -> Iterator[CrashZygote]:
        """A process that can be occ, as long as nobody else has it."""
        zygote = self.zygotes.get()
        try:
            yield zygote
        finally:
            self.zygotes.put(zygote)

    def _told(self, plan: Plan, once: Callable[[], Seen]) -> Result:
        try:
            result = Result(plan, differs(plan, once()))
        except Exception as error:  # noqa: BLE001 - a cell that broke is a cell that differs
            result = Result(plan, f"{plan}: {type(error).__name__}: {error}")
        self.tell(result)
        return result


def differs(plan: Plan, seen: Seen) -> str:
    """How a cell did not end as stated."""
    wanted = stated(plan)
    unsure = ("keeps", "previous") if plan.fault == "prune" and chosen().prunes_tags else ()
    compared = {name: want for name, want in vars(wanted).items() if name not in unsure}
    found = {name: getattr(seen, name) for name in compared}
    wrong = {k: (found[k], w) for k, w in compared.items() if found[k] != w}
    state = "running" if wanted.serves else "exited"
    told = [text.split(" ", 1)[1] for text in seen.containers]
    if told != [f"{state} unless-stopped"]:
        wrong["containers"] = (seen.containers, state)
    if "Traceback" in seen.said:
        wrong["said"] = ("a traceback", "none")
    if not wrong:
        return ""
    lines = [f"    {name}: found {has!r}, stated {want!r}" for name, (has, want) in wrong.items()]
    return "\n".join([f"{plan}:", *lines, f"    it said: {seen.said.strip()}"])


@contextmanager
def matrix(
    at_once: int,
    engines: tuple[PrivateEngine, PrivateEngine] | None = None,
    registry: Registry | None = None,
) -> Iterator[Matrix]:
    """A matrix with everything that it needs; what is given is used, the rest is made.

    Two engines of which the second is killed, frozen and pruned; the same one twice will do where
    no batches are tried.
    """
    with ExitStack() as stack:
        registry = registry or stack.enter_context(Registry())
        made = engines or tuple(stack.enter_context(PrivateEngine()) for _ in range(2))
        grounds = {engine: _ground(engine, registry) for engine in made}
        zygotes: SimpleQueue[CrashZygote] = SimpleQueue()
        for _ in range(at_once + (BATCH if len(grounds) > 1 else 0)):
            zygote = CrashZygote()
            stack.callback(zygote.close)
            zygotes.put(zygote)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield Matrix(grounds[made[0]], grounds[made[-1]], zygotes, at_once, folder)


def _ground(engine: PrivateEngine, registry: Registry) -> Ground:
    images = Images(engine, registry)
    published = {}
    for which, (kind, version) in KINDS.items():
        images.build(kind, version)
        published[which] = images.publish(kind, version, name=f"crash-{which}", forget=False)
    return Ground(engine, registry, published)
