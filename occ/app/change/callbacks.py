"""The operator's callbacks: an error in one of them is no reason to leave an operation open."""

from collections.abc import Callable
from dataclasses import replace
from typing import ParamSpec, TypeVar

from occ.app.operator import Operator

_Given = ParamSpec("_Given")
_Answer = TypeVar("_Answer")


def unfailing(operator: Operator, failed: Callable[[Exception], object]) -> Operator:
    """The operator without the power to end an operation in its middle.

    A callback that raised is not called again, and `failed` is told the error. Whatever is not an
    `Exception`, such as a second Ctrl-C, goes through.
    """
    return replace(
        operator,
        listen=_until_it_fails(operator.listen, None, failed),
        progress=_until_it_fails(operator.progress, None, failed),
        stop_requested=_until_it_fails(operator.stop_requested, False, failed),  # noqa: FBT003 - an answer, and no flag
    )


def _until_it_fails(
    call: Callable[_Given, _Answer], instead: _Answer, failed: Callable[[Exception], object]
) -> Callable[_Given, _Answer]:
    works = True

    def called(*args: _Given.args, **words: _Given.kwargs) -> _Answer:
        nonlocal works
        if not works:
            return instead
        try:
            return call(*args, **words)
        except Exception as error:  # noqa: BLE001 - the service comes before what is shown of it
            works = False
            failed(error)
            return instead

    return called
