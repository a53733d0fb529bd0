"""The things that hooks and gate commands are told: a body on standard input, and `OCC_*`.

Neither values of variables nor labels, words of command lines, reasons or people stand in it.
"""

import json

from occ.domain.request import Version
from occ.domain.values import Json
from occ.operations.step_context import StepContext

FORM = 1
"""The number of the body's form; it grows where a key changes its meaning."""


def told(context: StepContext, hook: str, *, undo: bool = False) -> dict[str, str]:
    """The variables of a hook."""
    operation = context.operation
    return {
        "OCC_HOOK": hook,
        "OCC_UNDO": "1" if undo else "",
        "OCC_SERVICE": operation.service,
        "OCC_OPERATION": str(operation.number),
        "OCC_KIND": operation.planned.kind,
    }


def body(context: StepContext, hook: str, *, undo: bool = False) -> bytes:
    """The body of a hook: one line of JSON."""
    operation, found = context.operation, context.operation.planned.found
    old, new = context.versions.get(found.version), context.versions.get(operation.version)
    text = {
        "form": FORM,
        "hook": hook,
        "undo": undo,
        "service": operation.service,
        "operation": operation.number,
        "kind": operation.planned.kind,
        "journal": context.journal,
        "old": _side(old, found.container),
        "new": _side(new, operation.created),
    }
    return f"{json.dumps(text, separators=(',', ':'))}\n".encode()


def gate_body(context: StepContext, image: str, current: str) -> bytes:
    """The body of a gate command: as above, with the images that its words name too."""
    operation = context.operation
    text = {
        "form": FORM,
        "hook": "accept",
        "service": operation.service,
        "operation": operation.number,
        "kind": operation.planned.kind,
        "journal": context.journal,
        "image": image,
        "current": current,
    }
    return f"{json.dumps(text, separators=(',', ':'))}\n".encode()


def _side(version: Version | None, container: str) -> dict[str, Json] | None:
    """One of the two versions; None where there is none, or it is not known yet."""
    if version is None:
        return None
    return {
        "version": version.number,
        "image": version.image,
        "reference": version.reference,
        "digests": list(version.digests),
        "container": container,
    }
