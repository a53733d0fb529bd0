"""An image of PostgreSQL from Debian's packages, as one finds them: made by others, not for occ."""

import hashlib
from pathlib import Path

import docker

from tests.testbed.base import RECIPE
from tests.testbed.images import build_image
from tests.testbed.machine import cached, run

_GROUND = "occ.test/postgres-ground"
_BIN = "/usr/lib/postgresql/15/bin"
PSQL = f"{_BIN}/psql"
DATA = "/var/lib/postgresql/data"

_ENTRYPOINT = f"""\
#!/bin/sh
set -eu
[ -s {DATA}/PG_VERSION ] || {_BIN}/initdb --auth=trust --no-sync -D {DATA}
exec {_BIN}/postgres -D {DATA} -c listen_addresses='*' -c unix_socket_directories=/tmp "$@"
"""

# SIGINT is PostgreSQL's fast shutdown: it ends sessions, and leaves a clean cluster.
_DOCKERFILE = f"""\
FROM {_GROUND}
COPY entrypoint.sh /usr/local/bin/entrypoint.sh
RUN chmod 755 /usr/local/bin/entrypoint.sh \
 && mkdir -p {DATA} && chown postgres:postgres {DATA} && chmod 700 {DATA}
VOLUME {DATA}
EXPOSE 5432
USER postgres
STOPSIGNAL SIGINT
HEALTHCHECK --interval=1s --timeout=5s --retries=5 CMD {_BIN}/pg_isready -q -h /tmp
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
"""


def postgres_tar() -> Path:
    """The tar of a file system with PostgreSQL 15; minutes when it has to be made."""
    recipe = [*RECIPE[:-1], "--include=postgresql-15", RECIPE[-1]]
    key = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:16]
    with cached(f"postgres-{key}.tar") as (tar, draft):
        if draft is not None:
            run([*recipe, "--format=tar", str(draft)])
    return tar


def build_postgres(client: docker.APIClient, version: str) -> str:
    """Build the image of a version: the same server, told by its version to log otherwise."""
    if not client.images(name=_GROUND):
        changes = ["ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        client.import_image_from_file(str(postgres_tar()), repository=_GROUND, changes=changes)
    files: dict[str, str | bytes | Path] = {
        "Dockerfile": f"{_DOCKERFILE}LABEL org.opencontainers.image.version={version}\n"
        f'CMD ["-c", "cluster_name=v{version}"]\n',
        "entrypoint.sh": _ENTRYPOINT,
    }
    return build_image(client, files)
