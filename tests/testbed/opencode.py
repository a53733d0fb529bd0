"""Images of the real opencode, in any version that is published; for an environment of its own."""

import json
import platform
import shutil
import tarfile
from pathlib import Path

import docker

from tests.testbed.images import Images, Published, build_image, ensure_base
from tests.testbed.kinds import BASE, DEFAULT_VOLUMES, HOME
from tests.testbed.machine import PATH, cached, run

_MEMBER = "package/bin/opencode"

_GROUND = f"""\
FROM {BASE}
RUN useradd --uid 1000 --create-home --shell /bin/bash opencoder \
 && mkdir -p {" ".join(DEFAULT_VOLUMES)} && chown -R opencoder:opencoder {HOME}
VOLUME {" ".join(DEFAULT_VOLUMES)}
ENV HOME={HOME}
USER opencoder
WORKDIR {HOME}/workspace
EXPOSE 3000
CMD ["opencode", "serve", "--hostname", "0.0.0.0", "--port", "3000"]
"""


def opencode_binary(version: str) -> Path:
    """The program of a version, from npm (60 MB); kept in the cache."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    package = f"opencode-linux-{machine}"
    with cached(f"{package}-{version}") as (program, draft):
        if draft is not None:
            if shutil.which("npm", path=PATH) is None:
                raise RuntimeError("images of the real opencode need npm: apt-get install npm")
            into = draft.parent
            told = run(["npm", "pack", "--json", f"{package}@{version}"], cwd=into)
            pack = into / json.loads(told)[0]["filename"]
            try:
                _take(pack, draft)
            finally:
                pack.unlink()
    return program


def _take(pack: Path, target: Path) -> None:
    with tarfile.open(pack) as tar:
        source = tar.extractfile(_MEMBER)
        if source is None:
            raise RuntimeError(f"{pack.name} has no {_MEMBER}")
        with source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy)


def build_opencode(client: docker.APIClient, version: str) -> str:
    """Build the image of a version of opencode; its id."""
    ensure_base(client)
    ground = build_image(client, {"Dockerfile": _GROUND}, tag="occ.test/opencode-ground")
    files: dict[str, str | bytes | Path] = {
        "Dockerfile": f"FROM {ground}\nCOPY opencode /usr/local/bin/opencode\n",
        "opencode": opencode_binary(version),
    }
    return build_image(client, files)


def publish_opencode(
    images: Images, version: str, tag: str = "latest", *, name: str = "opencode"
) -> Published:
    """Let `<registry>/<name>:<tag>` be this version of opencode; the engine then forgets it."""
    client = images.engine.client(timeout=600)
    try:
        image_id = build_opencode(client, version)
    finally:
        client.close()
    published = images.push(image_id, name, tag)
    images.forget(image_id)
    return published
