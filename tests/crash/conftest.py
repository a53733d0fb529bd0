"""Options of the crash run: how much of it, and the draw that can be drawn again."""

import random

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("crash")
    group.addoption(
        "--both",
        action="store_true",
        help="type resume and abort at every point; without it one of the two, drawn",
    )
    group.addoption(
        "--moments",
        action="store_true",
        help="every moment of every change, not a sample",
    )
    group.addoption(
        "--half",
        action="store_true",
        help="half of the moments of changes without data, drawn; not with --both or --moments",
    )
    group.addoption(
        "--changes",
        default="",
        help="of changes of data those of these names alone, with commas between; not recorded",
    )
    group.addoption(
        "--draw", type=int, default=random.SystemRandom().randrange(10**6), help="the draw's seed"
    )


def pytest_report_header(config: pytest.Config) -> str:
    """How the run can be done again."""
    if config.getoption("--both"):
        return "crash: resume and abort at every point"
    return f"crash: resume or abort at every point, as drawn by --draw {config.getoption('--draw')}"
