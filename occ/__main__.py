"""`python -m occ` is `occ`."""

from occ.cli import main

main()
