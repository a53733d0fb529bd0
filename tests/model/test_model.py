"""Runs the machines. `tox run -e model` runs them forty times as long: OCC_MODEL=deep."""

import os
from functools import partial

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.data_machine import DataMachine
from tests.model.machine import DiskMachine, Machine

_USUAL = settings(
    stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
settings.register_profile("model", _USUAL, max_examples=40)
settings.register_profile("model-disk", _USUAL, max_examples=6)
settings.register_profile("model-data", _USUAL, max_examples=30)
settings.register_profile("model-data-deep", _USUAL, max_examples=1_000, stateful_step_count=40)
settings.register_profile("model-deep", _USUAL, max_examples=1_600, stateful_step_count=40)
settings.register_profile("model-disk-deep", _USUAL, max_examples=200, stateful_step_count=40)
_DEPTH = "-deep" if os.environ.get("OCC_MODEL") == "deep" else ""


def test_whatever_happens_with_the_journal_in_memory() -> None:
    run_state_machine_as_test(Machine, settings=settings.get_profile(f"model{_DEPTH}"))


def test_whatever_happens_with_the_journal_on_disk() -> None:
    run_state_machine_as_test(DiskMachine, settings=settings.get_profile(f"model-disk{_DEPTH}"))


def test_whatever_happens_the_list_that_is_served_is_the_one_that_must_be() -> None:
    run_state_machine_as_test(DataMachine, settings=settings.get_profile(f"model-data{_DEPTH}"))


def test_back_and_forward_and_then_a_version_that_ruins_the_list() -> None:
    machine = DataMachine()
    machine.begin("blind", keep_last=0, updated=True)
    changes = (
        partial(machine.rollback, 0, "then", None),
        partial(machine.rollback, 1, "then", None),
        partial(machine.update, "ruins", None),
    )
    for change in changes:
        change()
        machine.the_list_is_the_one_that_it_must_be()
        machine.what_was_left_stays_as_it_was_left()
    assert machine.served() == b"form 2.0\n1\n2\n3\n"
    machine.teardown()
