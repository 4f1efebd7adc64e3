"""Search: an index beside each process, told by the log (`docs/decisions/015-search.md`)."""
