"""The things that targets can be told of, by the words of the config."""

from typing import Final, Literal, TypeAlias, get_args

Happening: TypeAlias = Literal[
    "failed", "needs_person", "done_by_auto", "done", "put_back", "abandoned", "unchanged"
]
HAPPENINGS: Final[tuple[Happening, ...]] = get_args(Happening)
USUAL: Final[tuple[Happening, ...]] = ("failed", "needs_person", "done_by_auto")
"""Those that a target is told of unless its config says else."""
