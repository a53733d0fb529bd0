"""PostgreSQL of Debian's packages: back with its data, forward again, dump for dump.

Its image takes minutes to make the first time; so it is no part of the plain run.
"""

import re

import pytest

from tests.box import Box
from tests.host import inside
from tests.testbed.engine import PrivateEngine
from tests.testbed.images import Images
from tests.testbed.postgres import DATA, PSQL, build_postgres

pytestmark = pytest.mark.campaign

DUMP = f"{PSQL.removesuffix('psql')}pg_dumpall -h /tmp -U postgres"
_OWN = re.compile(r"^\\(?:un)?restrict .*\n", re.MULTILINE)  # a word drawn anew for each dump


def publish(engine: PrivateEngine, images: Images, name: str, version: str) -> str:
    """Have the registry offer a version of the server; its reference."""
    client = engine.client(timeout=600)
    made = images.push(build_postgres(client, version), name, "15")
    client.close()
    images.forget(made.image_id)
    return made.ref


def does(engine: PrivateEngine, name: str, sql: str) -> None:
    """Have the server carry out a statement."""
    said = inside(engine, name, f'{PSQL} -h /tmp -U postgres -qc "{sql}" 2>&1 && echo done')
    assert said.strip() == "done"


def dumped(engine: PrivateEngine, name: str) -> str:
    """Everything in the cluster, as its own program writes it."""
    told = inside(engine, name, DUMP)
    assert "\n-- PostgreSQL database cluster dump complete\n" in told
    return _OWN.sub("", told)


def cluster(engine: PrivateEngine, name: str) -> str:
    """The version that serves, as the server is told it."""
    return inside(engine, name, f"{PSQL} -h /tmp -U postgres -Atc 'show cluster_name'").strip()


def test_a_database_goes_back_and_forward_dump_for_dump(
    box: Box, private_engine: PrivateEngine, images: Images, port: int
) -> None:
    name = box.service
    (box.folder / "config.toml").write_text(
        f'[services.{name}]\nimage = "{publish(private_engine, images, name, "1.0")}"\n'
        f'ports = ["127.0.0.1:{port}:5432"]\nvolumes = ["{name}-data:{DATA}"]\n'
    )
    box.well("start", "--yes")
    does(private_engine, name, "create table shop (line int primary key, said text not null)")
    does(
        private_engine,
        name,
        "insert into shop select n, md5(n::text) from generate_series(1, 20000) n",
    )
    first = dumped(private_engine, name)
    assert first.count("\n") > 20_000

    publish(private_engine, images, name, "2.0")
    box.well("update", "--yes")
    assert cluster(private_engine, name) == "v2.0"
    assert dumped(private_engine, name) == first
    does(private_engine, name, "update shop set said = 'changed' where line % 3 = 0")
    does(private_engine, name, "delete from shop where line > 15000")
    does(private_engine, name, "alter table shop add column price numeric default 1.5")
    does(private_engine, name, "create role clerk; create index on shop (said)")
    second = dumped(private_engine, name)
    assert second != first

    box.well("rollback", "--to", "1", "--data", "then", "--yes")
    assert cluster(private_engine, name) == "v1.0"
    assert dumped(private_engine, name) == first
    does(private_engine, name, "insert into shop values (99999, 'only here')")

    box.well("rollback", "--to", "2", "--data", "then", "--yes")
    assert cluster(private_engine, name) == "v2.0"
    assert dumped(private_engine, name) == second
