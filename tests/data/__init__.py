"""A large volume of everything, through both ways: compared from outside, timed, and weighed."""
