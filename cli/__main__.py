"""`python -m cli` is `farshore`."""

from cli.main import main

main()
