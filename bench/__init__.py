"""How fast it is, beside its peers, in one run on one machine."""
