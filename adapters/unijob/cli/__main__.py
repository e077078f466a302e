"""`python -m unijob.cli` is `unijob`."""

from unijob.cli import main

main()
