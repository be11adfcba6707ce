"""HTTP in, bytes or problem+json out. No rule is decided here and no SQL is written."""
