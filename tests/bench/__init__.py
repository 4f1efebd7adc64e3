"""`make bench`: how fast it is, always as a ratio to a bare program in the same run."""
