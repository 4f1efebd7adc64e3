"""What routing knows of a conversation and what it decides about it. No I/O, no clock, no randomness."""
