"""The command line: `farshore …`, a client of the HTTP API like any other."""
