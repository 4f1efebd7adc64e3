"""What ingest decides, without I/O, clock or randomness: identity, threading, names of files."""
