"""A mount namespace in which a folder is in the place of the machine's /usr."""

from pathlib import Path

from tests.testbed.machine import run
from tests.testbed.waiting import until


def have(place: Path, usr: Path) -> None:
    """Have a namespace at `place`, which lives as long as a file there is mounted.

    So a program that is started again sees the mounts that it made before, as on a machine.
    """
    mounted = Path("/proc/self/mountinfo").read_text("utf-8")
    if f" {place}/mnt " in mounted:
        return
    place.mkdir(exist_ok=True)
    run(["mount", "--bind", str(place), str(place)])
    run(["mount", "--make-private", str(place)])
    (place / "mnt").touch()
    bind = ["mount", "--bind", str(usr), "/usr"]
    until(
        lambda: _made(["unshare", f"--mount={place}/mnt", "--propagation=slave", *bind]),
        seconds=10,
        what=f"a mount namespace at {place}/mnt",
    )


def _made(command: list[str]) -> bool:
    """Whether it is made. One can be kept only where its number is higher than that of the maker's
    own, and a new kernel (6.18) gives out numbers by the core: now and then it is lower.

    Raises:
        RuntimeError: it failed for another reason.
    """
    try:
        run(command)
    except RuntimeError as error:
        if "Invalid argument" in str(error):
            return False
        raise
    return True


def inside(place: Path) -> list[str]:
    """The words before a command that is to run there; its process id is that of these words."""
    return ["nsenter", f"--mount={place}/mnt"]
