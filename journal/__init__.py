"""Append, order and keep every event: the only writer of the log."""
