"""The folders that an image lacks for its volumes: there its user could not write a single file.

An engine fills a new named volume with what the image has at its place, with the owner of that.
Where the image has nothing, the volume's folder is root's, of mode 0755.
"""

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from occ.app.config.suggestions import Surroundings
from occ.app.desk import Desk
from occ.domain.spec import Spec
from occ.domain.total import whole_number
from occ.engine.port import Engine
from occ.errors import EngineRefusedError
from occ.operations import labels
from occ.operations.accounts import PASSWD, Accounts
from occ.operations.lending import Lender
from occ.settings import Service

_ROOT = 0
_MOST_UID = (1 << 32) - 2
_OTHERS_WRITE = 0o002
_FIRST_MEMBER = 1 << 16
"""Bytes of a tar that hold its first member's header whole."""


class _EnoughError(Exception):
    """The first member of the tar is there."""


def unwritable(desk: Desk, service: Service, around: Surroundings) -> Iterator[str]:
    """A note on each new volume whose folder the image's user could not write.

    Nothing is known of an image that is not on the host, nor of a volume that is there already.
    """
    volumes = service.spec.volumes
    if around.silent or not volumes:
        return
    image = desk.engine.image(service.reference)
    user = service.spec.user or (image.user if image else "")
    if image is None or user.partition(":")[0] in {"", "0", "root"}:
        return
    with _container(desk, service, image.id) as helper:
        uid = _uid(desk.engine, helper, user)
        for volume in volumes:
            if desk.engine.volume(volume.name) is not None:
                continue
            why = _why(_folder(desk.engine, helper, volume.path), uid)
            if why:
                yield (
                    f"{volume.path}: {why}, and the image runs as {user}, who could not write to "
                    f"the volume {volume.name} there; have the image make the folder for that user"
                )


@contextmanager
def _container(desk: Desk, service: Service, image: str) -> Iterator[str]:
    """A container of the image that is never started; its id."""
    journal = desk.journal.id
    lender = Lender(
        engine=desk.engine,
        name=f"{service.name}.occ-setup",
        service=service.name,
        image=image,
        known={labels.JOURNAL: journal, labels.HELPER: f"setup of {service.name}"},
        operation=0,
    )
    try:
        yield lender.lend(Spec())
    finally:
        lender.clear()


def _uid(engine: Engine, container: str, user: str) -> int | None:
    """The number of the image's user; None where the image does not say."""
    name = user.partition(":")[0]
    number = whole_number(name, _MOST_UID)
    if number is not None:
        return number
    passwd = engine.read_file(container, PASSWD)
    if passwd is None:
        return None
    return Accounts.parse({PASSWD: passwd.data.decode("utf-8", "surrogateescape")}).uid(name)


def _folder(engine: Engine, container: str, path: str) -> tarfile.TarInfo | None:
    """A folder's own entry, with owner and mode; None where the container has no such folder."""
    found = bytearray()

    def take(piece: bytes) -> None:
        found.extend(piece)
        if len(found) >= _FIRST_MEMBER:
            raise _EnoughError

    try:
        with suppress(_EnoughError):  # the rest is not wanted
            engine.read_folder(container, path, take)
    except EngineRefusedError:
        return None
    with tarfile.open(fileobj=io.BytesIO(found), mode="r:") as archive:
        return archive.next()


def _why(folder: tarfile.TarInfo | None, uid: int | None) -> str:
    """Why that user could not write there; empty where it could, or where nobody knows."""
    if folder is None:
        return "the image has no such folder"
    if uid is None or folder.uid != _ROOT or folder.mode & _OTHERS_WRITE:
        return ""
    return "the image's folder is root's"
