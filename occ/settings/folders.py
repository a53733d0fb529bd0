"""The default places: the platform's folders, and the home folder for `~`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

Purpose: TypeAlias = Literal["config", "data"]


def folder(purpose: Purpose, environ: Mapping[str, str]) -> Path | None:
    """The platform's folder of occ for a purpose, None where a person has no home.

    An `XDG_..._HOME` counts on every platform, if it is absolute: the XDG Base Directory
    Specification has relative ones ignored.
    """
    chosen = environ.get(f"XDG_{purpose.upper()}_HOME", "")
    if chosen.startswith("/"):
        return Path(chosen) / "occ"
    # Not needed where everything is named, and a tenth of what `--help` may take.
    from platformdirs import PlatformDirs  # noqa: PLC0415

    known = PlatformDirs("occ", appauthor=False)
    try:
        found = known.user_config_path if purpose == "config" else known.user_data_path
    except RuntimeError:  # there is no home; releases before 4.5 gave ~/... as it stands
        return None
    return found if found.is_absolute() else None


def home(environ: Mapping[str, str]) -> str:
    """The home folder: `HOME`, else the account's; empty where neither names a folder."""
    found = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises
    return found if found.startswith("/") else ""
