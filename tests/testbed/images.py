"""Service images in several versions, built in a private engine, published in a registry."""

import hashlib
import io
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker
import docker.errors

from tests.testbed.base import base_tar
from tests.testbed.engine import PrivateEngine
from tests.testbed.kinds import BASE, GROUND, KINDS, LABEL, top
from tests.testbed.registry import Published, Registry

__all__ = [
    "Images",
    "Published",
    "build_image",
    "ensure_base",
    "has_image",
    "inspect_image",
    "pull",
]

_SERVICE = Path(__file__).parent / "service"
_BUSYBOX = Path("/bin/busybox")  # Debian's busybox-static: it runs in an empty image


class Images:
    """Makes service images in an engine.

    The same kind, version and ballast are the same image, also after it was forgotten by the
    engine: then it comes back from the registry.
    """

    def __init__(self, engine: PrivateEngine, registry: Registry | None = None) -> None:
        self.engine = engine
        self._registry = registry
        self._built: dict[tuple[str, str, int], str] = {}

    @property
    def host(self) -> str:
        """The registry's part of the references."""
        return self._needed_registry().host

    def build(self, kind: str, version: str, *, ballast: int = 0) -> str:
        """The id of an untagged image in the engine; `ballast` random bytes make it big."""
        recipe = (kind, version, ballast)
        client = self.engine.client()
        try:
            if (known := self._built.get(recipe)) and has_image(client, known):
                return known
            published = self._published(recipe)
            if published is not None:
                pull(client, f"{published.ref.rpartition(':')[0]}@{published.digest}")
                image_id = published.image_id
            else:
                image_id = self._build(client, recipe)
            self._built[recipe] = image_id
            return image_id
        finally:
            client.close()

    def publish(
        self,
        kind: str,
        version: str,
        *,
        name: str | None = None,
        tag: str = "latest",
        forget: bool = True,
        ballast: int = 0,
    ) -> Published:
        """Let `<registry>/<name or kind>:<tag>` be this image.

        With `forget` the engine does not have it afterwards, so that a pull is a real one.
        """
        recipe = (kind, version, ballast)
        registry = self._needed_registry()
        before = self._published(recipe)
        if before is None:
            image_id = self.build(kind, version, ballast=ballast)
            before = self.push(image_id, name or kind, tag)
            registry.images[recipe] = before
        else:
            registry.copy(before.repository, before.digest, name or kind, tag)
        ref = f"{registry.host}/{name or kind}:{tag}"
        if forget:
            self.forget(before.image_id)
        return Published(ref, before.digest, before.image_id)

    def push(self, image_id: str, name: str, tag: str) -> Published:
        """Push an image of the engine into the registry; the engine keeps it, without the tag."""
        registry = self._needed_registry()
        repository = f"{registry.host}/{name}"
        client = self.engine.client(timeout=600)
        try:
            client.tag(image_id, repository, tag)
            for line in client.push(repository, tag, stream=True, decode=True):
                if "error" in line:
                    raise RuntimeError(f"push of {repository}:{tag}: {line['error']}")
        finally:
            client.close()
        return Published(f"{repository}:{tag}", registry.digest(name, tag), image_id)

    def forget(self, image_id: str) -> None:
        """Remove an image, its tags and what was built on it; it need not be there."""
        client = self.engine.client()
        try:
            for built in client.images(all=True):
                if built["ParentId"] == image_id:  # by a test that is over: an engine keeps both
                    self.forget(built["Id"])
            client.remove_image(image_id, force=True)
        except docker.errors.NotFound:
            return
        finally:
            client.close()

    def _needed_registry(self) -> Registry:
        if self._registry is None:
            raise RuntimeError("these images have no registry to be published in")
        return self._registry

    def _published(self, recipe: tuple[str, str, int]) -> Published | None:
        if self._registry is None or (known := self._registry.images.get(recipe)) is None:
            return None
        return known if self._registry.has(known.repository, known.digest) else None

    def _build(self, client: docker.APIClient, recipe: tuple[str, str, int]) -> str:
        kind, version, ballast = recipe
        files: dict[str, str | bytes | Path] = {
            "Dockerfile": top(kind, version, self._ground(client, kind), ballast=ballast > 0),
            "version": f"{version}\n",
            "health": f'{{"healthy":true,"version":"{version}"}}',
            "ballast": os.urandom(ballast),
        }
        return build_image(client, files)

    def _ground(self, client: docker.APIClient, kind: str) -> str:
        files: dict[str, str | bytes | Path] = {
            "Dockerfile": KINDS[kind].ground,
            "service": _SERVICE / "service",
            "entrypoint.sh": _SERVICE / "entrypoint.sh",
            "busybox": _BUSYBOX,
        }
        tag = f"{GROUND}:{_key(KINDS[kind].ground)}"
        if not has_image(client, tag):
            if BASE in KINDS[kind].ground:
                ensure_base(client)
            build_image(client, files, tag=tag)
        return tag


def ensure_base(client: docker.APIClient) -> None:
    """Let the engine have the base image."""
    if not has_image(client, BASE):
        changes = [
            "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            f"LABEL {LABEL}=1",
        ]
        client.import_image_from_file(str(base_tar()), repository=BASE, changes=changes)


def build_image(
    client: docker.APIClient, files: Mapping[str, str | bytes | Path], *, tag: str | None = None
) -> str:
    """Build a Dockerfile with the classic builder; the image's id.

    Raises:
        RuntimeError: a step failed; the text ends with the build's last lines.
    """
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, content in files.items():
            _add(tar, name, content)
    context.seek(0)
    said: list[str] = []
    for line in client.build(
        fileobj=context, custom_context=True, tag=tag, rm=True, forcerm=True, decode=True
    ):
        said.append(line.get("stream", ""))
        if "error" in line:
            raise RuntimeError(f"build failed: {line['error']}\n{''.join(said)[-2000:]}")
        if "aux" in line and "ID" in line["aux"]:
            image_id: str = line["aux"]["ID"]
    return image_id


def pull(client: docker.APIClient, ref: str) -> list[str]:
    """Pull an image for real; the words of its progress.

    Raises:
        RuntimeError: the engine began, and told an error in the stream.
        docker.errors.APIError: the engine did not begin.
    """
    said = []
    for line in client.pull(ref, stream=True, decode=True):
        if "error" in line:
            raise RuntimeError(f"pull of {ref}: {line['error']}")
        said.append(line.get("status", ""))
    return said


def inspect_image(client: docker.APIClient, image: str) -> dict[str, Any]:
    """What the engine knows of an image; docker.errors.ImageNotFound if it has none."""
    known: dict[str, Any] = client.inspect_image(image)  # type: ignore[no-untyped-call]
    return known


def _add(tar: tarfile.TarFile, name: str, content: str | bytes | Path) -> None:
    if isinstance(content, Path):
        tar.add(content, name, filter=_of_root)
        return
    data = content.encode() if isinstance(content, str) else content
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mode = 0o644
    tar.addfile(member, io.BytesIO(data))


def _of_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    member.mode = 0o755
    return member


def has_image(client: docker.APIClient, image: str) -> bool:
    """Whether an engine has an image."""
    try:
        inspect_image(client, image)
    except docker.errors.ImageNotFound:
        return False
    return True


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
