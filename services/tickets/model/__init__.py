"""What may happen to conversations, contacts and the directory: pure functions over frozen values.

No I/O, no clock, no randomness here: `now` and ids are passed in, events come out.
"""
