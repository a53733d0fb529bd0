"""One person's box on the shared engine, cleaned up by its name."""

from pathlib import Path

import pytest

from tests.box import Box
from tests.testbed.engine import PrivateEngine
from tests.testbed.machine import free_port


@pytest.fixture
def port() -> int:
    """A port of the host that nobody uses."""
    return free_port()


SNAPSHOTS = frozenset(
    {
        *("test_snapshots", "test_volumes", "test_replacement_snapshots"),
        *("test_rollback_data", "test_put_back_data", "test_prune", "test_opencode_data"),
        *("test_data_carried", "test_data_disasters", "test_postgres_data"),
        *("test_learned", "test_outages"),
    }
)
"""The files whose services take snapshots as people's do; elsewhere they are not the subject."""


@pytest.fixture
def box(
    request: pytest.FixtureRequest, private_engine: PrivateEngine, run_name: str, tmp_path: Path
) -> Box:
    """A folder, the shared engine, and a service of this test's own name."""
    default = request.path.stem in SNAPSHOTS
    kept = "" if default else "never"
    return Box(tmp_path, private_engine.url, service=run_name, forked=True, snapshot=kept)
