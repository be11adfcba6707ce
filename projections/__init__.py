"""Compute what people ask from the journal, and answer them: one file per question."""
