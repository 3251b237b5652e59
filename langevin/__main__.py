"""`python -m langevin` is the command `langevin`."""

from langevin.cli import main

main()
