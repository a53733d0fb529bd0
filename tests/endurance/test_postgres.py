"""A PostgreSQL that somebody runs already: adopted, updated and rolled back with its rows.

Its image is made of Debian's packages, which takes minutes the first time; so it is no part of the
plain run.
"""

import pytest

from tests.box import Box
from tests.host import inside, inspect
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.machine import run
from tests.testbed.postgres import DATA, PSQL, build_postgres
from tests.testbed.waiting import until

pytestmark = pytest.mark.campaign

_PASSWORD = "s3cret-of-the-shop"


def asked(engine: PrivateEngine, name: str, sql: str) -> str:
    """What the server answers to a question, `no answer` when it gives none."""
    return inside(
        engine, name, f'{PSQL} -h /tmp -U postgres -Atc "{sql}" || echo no answer'
    ).strip()


def test_an_adopted_postgresql_keeps_its_rows(
    box: Box, private_engine: PrivateEngine, images: Images
) -> None:
    name = box.service
    client = private_engine.client(timeout=600)
    first = images.push(build_postgres(client, "1.0"), name, "15")
    client.close()
    run(
        [
            *("docker", "-H", private_engine.url, "run", "-d", "--name", name),
            *("-e", f"SHOP_PASSWORD={_PASSWORD}", "--shm-size", "128m"),
            *("-p", "127.0.0.1::5432", "--restart", "unless-stopped", first.ref),
        ]
    )
    until(lambda: asked(private_engine, name, "select 1") == "1", seconds=60, what="the server")
    assert asked(private_engine, name, "show cluster_name") == "v1.0"
    asked(private_engine, name, "create table shop as select 'first' as line")
    made = inspect(private_engine, name)

    (box.folder / "config.toml").touch()
    box.well("adopt", name, "--yes")
    assert inspect(private_engine, name)["Id"] == made["Id"]
    port = made["NetworkSettings"]["Ports"]["5432/tcp"][0]["HostPort"]
    declared = (box.folder / "config.toml").read_text()
    assert f'"127.0.0.1:{port}:5432"' in declared
    assert _PASSWORD not in declared

    client = private_engine.client(timeout=600)
    second = images.push(build_postgres(client, "2.0"), name, "15")
    client.close()
    images.forget(second.image_id)
    box.well("update", "--yes")
    assert asked(private_engine, name, "show cluster_name") == "v2.0"
    assert asked(private_engine, name, "select line from shop") == "first"
    asked(private_engine, name, "insert into shop values ('second')")
    updated = inspect(private_engine, name)
    assert updated["HostConfig"]["ShmSize"] == 128 << 20
    assert f"SHOP_PASSWORD={_PASSWORD}" in updated["Config"]["Env"]
    assert [m["Destination"] for m in updated["Mounts"]] == [DATA]
    # a clean end of the first server is what the second one found
    client = private_engine.client()
    log: bytes = client.logs(name)
    client.close()
    assert b"database system was shut down at" in log
    assert b"not properly shut down" not in log

    box.well("rollback", "--yes")
    assert asked(private_engine, name, "show cluster_name") == "v1.0"
    assert asked(private_engine, name, "select line from shop order by 1") == "first\nsecond"
    assert [row["kind"] for row in box.well("history", "-o", "json").result()] == [
        *("rollback", "update", "adopt")
    ]
