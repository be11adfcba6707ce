"""Prove every claim: each docstring in here is one that could be false."""
