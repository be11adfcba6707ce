"""The seal: what is recorded stands in a Merkle tree whose heads are signed and published."""
