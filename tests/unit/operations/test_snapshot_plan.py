"""The plans of snapshots: nothing in them touches the service."""

from typing import Any

import pytest

from occ.domain.kinds import KINDS
from occ.domain.request import Found, Request
from occ.domain.versions import Ledger
from occ.operations.kinds.snapshot import SnapshotVerb, SnapshotWish, Volumes, plan_snapshot
from occ.operations.plan import Plan, PlanInput

VOLUMES = Volumes(
    names=("web-data", "/srv/web"), sources=("ab" * 32, "/srv/web"), image="sha256:1", timeout_ms=9
)
FOLDER = "/var/lib/occ/snapshots/01234567/web"
PLANS: dict[SnapshotVerb, tuple[int, list[tuple[str, dict[str, Any], str]]]] = {
    "create": (
        2,
        [
            (
                "reserve_snapshot",
                {
                    "folder": FOLDER,
                    "volumes": ["web-data", "/srv/web"],
                    "sources": ["ab" * 32, "/srv/web"],
                    "image": "sha256:1",
                },
                "",
            ),
            (
                "take_snapshot",
                {
                    "folder": FOLDER,
                    "volumes": ["web-data", "/srv/web"],
                    "sources": ["ab" * 32, "/srv/web"],
                    "image": "sha256:1",
                    "version": 3,
                    "timeout_ms": 9,
                    "container": "c1",
                },
                "Read web-data, /srv/web",
            ),
            ("describe_snapshot", {"folder": FOLDER, "snapshot": 0}, "Make the manifests"),
        ],
    ),
    "verify": (
        -1,
        [
            (
                "describe_snapshot",
                {"folder": FOLDER, "snapshot": 12},
                "Make the manifests of snapshot 12",
            )
        ],
    ),
    "import": (
        2,
        [
            (
                "reserve_snapshot",
                {"folder": FOLDER, "volumes": [], "sources": [], "image": ""},
                "",
            ),
            ("import_snapshot", {"folder": FOLDER, "file": "/tmp/x.tar"}, "Import /tmp/x.tar"),
        ],
    ),
    "remove": (
        0,
        [
            (
                "remove_snapshot",
                {"folder": FOLDER, "snapshot": 12},
                "Remove snapshot 12, for good",
            )
        ],
    ),
}


@pytest.mark.parametrize("verb", PLANS)
def test_each_is_planned_as_written_here(verb: SnapshotVerb) -> None:
    given = PlanInput(
        journal="0" * 32,
        service="web",
        found=Found(container="c1", version=3, state="running"),
        request=Request(version=3),
        ledger=Ledger(),
        kind="snapshot",
    )
    plan = plan_snapshot(
        given, SnapshotWish(verb=verb, snapshot=12, file="/tmp/x.tar"), FOLDER, VOLUMES
    )
    assert isinstance(plan, Plan)
    commits_at, steps = PLANS[verb]
    assert [(step.name, dict(step.inputs), step.title) for step in plan.steps] == steps
    assert (plan.commits_at, plan.stages, plan.shown) == (
        commits_at,
        1,
        sum(1 for _, _, title in steps if title),
    )
    assert not any(step.disrupts for step in plan.steps)


def test_it_works_aside_and_holds_the_data() -> None:
    facts = KINDS["snapshot"]
    assert facts.works == "aside"
    assert (facts.claims, facts.needs) == (frozenset({"data"}), frozenset())
    assert facts.activates == facts.in_place == "nothing"
    ended_by_it = {kind for kind, others in KINDS.items() if others.needs & facts.claims}
    assert {"stop", "start", "update", "rollback", "remove"} <= ended_by_it
