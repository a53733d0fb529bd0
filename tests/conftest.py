"""What all tests have: the test bed's fixtures, and signals as a terminal gives them."""

import signal

pytest_plugins = ["tests.testbed.fixtures"]

# A run in the background of a shell, or under nohup, inherits signals that are ignored, and so
# would every process that a test starts and interrupts.
for _number, _usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)
