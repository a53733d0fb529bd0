"""What all tests have: the test bed's fixtures, and signals as a terminal gives them."""

import signal

import pytest
from hypothesis import HealthCheck, settings

from tests.strange import EXAMPLES

pytest_plugins = ["tests.testbed.fixtures"]

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile(
    "occ", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=EXAMPLES
)
settings.load_profile("occ")

# A run in the background of a shell, or under nohup, inherits signals that are ignored, and so
# would every process that a test starts and interrupts.
for _number, _usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="write tests/golden and docs/tutorial.md anew, as what was seen",
    )
