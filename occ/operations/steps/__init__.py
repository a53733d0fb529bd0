"""The steps by name: how a plan, which is data, becomes something that acts."""

from collections.abc import Mapping
from dataclasses import fields

from occ.domain.request import StepPlan
from occ.domain.values import Json
from occ.errors import JournalNewerError
from occ.operations.steps.accept import AcceptImage
from occ.operations.steps.account import (
    AddUser,
    DeclareUser,
    LockUser,
    RemoveUser,
    SetPassword,
)
from occ.operations.steps.anchor import AnchorKept, AnchorVolumes, UnanchorVolumes
from occ.operations.steps.asked import AskIdle, CountEntries
from occ.operations.steps.build import BuildImage
from occ.operations.steps.containers import (
    RemoveContainer,
    RenameContainer,
    SetPolicy,
    StartContainer,
    StopContainer,
)
from occ.operations.steps.copy_data import CopyData
from occ.operations.steps.create import CreateContainer
from occ.operations.steps.drill import ClearBeside, DrillSnapshot
from occ.operations.steps.hooks import AskService, RunHook
from occ.operations.steps.images import KeepImage, PullImage, RestoreImage, TagPrevious
from occ.operations.steps.make_again import MakeAgain, RemoveFormer
from occ.operations.steps.proof import ProveHealth
from occ.operations.steps.prune import ChoosePrunable, PinSnapshot, PruneData
from occ.operations.steps.put_back import CompareData, RestoreChanged
from occ.operations.steps.rehearsal import (
    ControlRehearsal,
    JudgeRehearsal,
    RehearseVersion,
)
from occ.operations.steps.removal import ForgetService, RemoveVolume
from occ.operations.steps.restore import RestoreVolume
from occ.operations.steps.settings import StoreSecrets, WriteConfig
from occ.operations.steps.snapshot import RemoveSnapshot, TakeSnapshot
from occ.operations.steps.snapshot_before import MeasureData, ReserveSnapshot
from occ.operations.steps.snapshot_files import DescribeSnapshot, ImportSnapshot
from occ.operations.steps.step import Step
from occ.operations.steps.users import RecreateUsers
from occ.operations.steps.volumes import CopyVolume, ReserveVolume

STEPS: Mapping[str, type[Step]] = {
    kind.name: kind
    for kind in (
        KeepImage,
        PullImage,
        RestoreImage,
        BuildImage,
        TagPrevious,
        CreateContainer,
        RecreateUsers,
        SetPolicy,
        StopContainer,
        StartContainer,
        ProveHealth,
        RemoveContainer,
        RenameContainer,
        StoreSecrets,
        WriteConfig,
        ReserveVolume,
        CopyVolume,
        RemoveVolume,
        ForgetService,
        AddUser,
        SetPassword,
        DeclareUser,
        RemoveUser,
        LockUser,
        MeasureData,
        ReserveSnapshot,
        TakeSnapshot,
        DescribeSnapshot,
        RemoveSnapshot,
        ImportSnapshot,
        CompareData,
        RestoreChanged,
        MakeAgain,
        RemoveFormer,
        AnchorKept,
        AnchorVolumes,
        RestoreVolume,
        UnanchorVolumes,
        PinSnapshot,
        ChoosePrunable,
        PruneData,
        CopyData,
        RehearseVersion,
        ControlRehearsal,
        JudgeRehearsal,
        DrillSnapshot,
        ClearBeside,
        AcceptImage,
        AskService,
        RunHook,
        AskIdle,
        CountEntries,
    )
}


def planned(step: Step, *, title: str = "", disrupts: bool = False, back: str = "") -> StepPlan:
    """A step as data. Every field of a step is a string, number, flag or tuple of strings."""
    inputs = {f.name: _plain(getattr(step, f.name)) for f in fields(step)}  # type: ignore[arg-type]
    return StepPlan(name=step.name, inputs=inputs, title=title, disrupts=disrupts, back=back)


def step_for(plan: StepPlan) -> Step:
    """The step that a plan speaks of.

    Raises:
        JournalNewerError: a newer occ planned it.
    """
    kind = STEPS.get(plan.name)
    if kind is None:
        raise JournalNewerError(
            f"the plan has a step {plan.name} that this occ does not know",
            hint="install the occ that planned it, then: occ resume",
        )
    inputs = {key: tuple(v) if isinstance(v, list) else v for key, v in plan.inputs.items()}
    return kind(**inputs)


def _plain(value: object) -> Json:
    if isinstance(value, tuple):
        return [str(item) for item in value]
    if isinstance(value, bool | int | str):
        return value
    raise TypeError(f"a step's field cannot be {type(value).__name__}")
