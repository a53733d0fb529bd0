"""Two hundred updates and rollbacks in a row: five users and their files stay who they are."""

import random

import pytest

from tests.box import Box, serves
from tests.endurance.conftest import Write
from tests.host import inside
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images

TURNS = 200
PEOPLE = {"ann": 1001, "bob": 1002, "cid": 1003, "dee": 1004, "eve": 1005}
GATE = (
    'path = "/health"\nversion_field = "version"\ninterval = "100ms"\nmin_healthy = "200ms"\n'
    'timeout = "60s"\n'
)
# bob cannot log in with a password, cid must change hers, dee has another shell and groups, eve
# has no password at all; all own files in the volume.
STATES = """
chage -M 90 -W 7 -I 14 -d 2026-01-02 cid
usermod -s /bin/sh dee
passwd -d eve
for one in ann bob cid dee eve; do
  mkdir -p /data/$one && echo "of $one" > /data/$one/file && chown -R $one:$one /data/$one
  chmod 0640 /data/$one/file
done
"""
SEEN = """
for one in ann bob cid dee eve; do
  getent passwd $one; getent shadow $one; id $one; grep -w $one /etc/gshadow
  stat -c '%n %u %g %a' /data/$one/file
done
"""


@pytest.mark.campaign
@pytest.mark.docker
@pytest.mark.timeout(7200)
def test_people_stay_who_they_are(
    box: Box, images: Images, private_engine: PrivateEngine, port: int, write: Write, seed: int
) -> None:
    kinds = ("good", "clash", "good")  # the second has a user of its own with uid 1000
    ids = [images.build(kind, f"{n}.0") for n, kind in enumerate(kinds, 1)]
    ref = images.push(ids[0], box.service, "latest").ref
    box.configure(ref, port, health=GATE)
    box.well("start", "--yes")
    for name, uid in PEOPLE.items():
        groups = ("--groups", "adm,sudo") if name == "dee" else ()
        words = ("user", "add", name, "--uid", str(uid), *groups, "--password-stdin")
        done = box.occ(*words, stdin=f"word of {name}\n")
        assert done.status == 0, done.err
    box.well("user", "disable", "bob")
    inside(private_engine, box.service, STATES)
    before = inside(private_engine, box.service, SEEN)

    draw, updates, rollbacks, now = random.Random(seed), 0, 0, 1
    for turn in range(TURNS):
        wanted = draw.choice([n for n in (1, 2, 3) if n != now])
        known = {row["says"]: row["number"] for row in box.well("versions", "-o", "json").result()}
        number = known.get(f"{wanted}.0")
        if number and draw.random() < 0.5:
            box.well("rollback", "--to", str(number), "--yes")
            rollbacks += 1
        else:
            images.push(ids[wanted - 1], box.service, "latest")
            box.well("update", "--yes", "--override", "left_by_rollback")
            updates += 1
        now = wanted
        assert serves(port) == f"{now}.0", turn
        assert inside(private_engine, box.service, SEEN) == before, turn
    assert updates > 0
    assert rollbacks > 0
    box.well("journal", "verify")
    write(
        "people",
        {
            "updates": updates,
            "rollbacks": rollbacks,
            "users, of whom one locked, one with ageing, one without a password": len(PEOPLE),
            "differences in ids, groups, shells, hashes, locks, ageing, owners of files": 0,
        },
    )
