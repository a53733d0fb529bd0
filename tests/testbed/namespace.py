"""A mount namespace in which a folder is in the place of the machine's /usr."""

from pathlib import Path

from tests.testbed.machine import run


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
    run(["unshare", f"--mount={place}/mnt", "--propagation=slave", *bind])


def inside(place: Path) -> list[str]:
    """The words before a command that is to run there; its process id is that of these words."""
    return ["nsenter", f"--mount={place}/mnt"]
