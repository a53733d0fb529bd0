"""What all tests share: the fixtures for real parts."""

pytest_plugins = ["tests.testbed.fixtures"]
