"""`python -m siting` is `siting`."""

from siting.cli import main

main()
