"""Generate what is derived, and check what reviewers would otherwise have to."""
