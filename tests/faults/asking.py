"""The options that every campaign on real engines takes."""

import argparse
import random
import signal


def campaign_parser(about: str | None, *, at_once: int = 8) -> argparse.ArgumentParser:
    """The parser of a campaign: its seed, how many cells at once, and whether it is recorded.

    Ctrl-C ends a campaign in order, also one that a shell began in the background.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--at-once", type=int, default=at_once)
    parser.add_argument("--no-record", action="store_true")
    return parser
