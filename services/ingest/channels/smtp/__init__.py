"""The SMTP door: who may come in, how much is in hand, and one connection's talk. Knows nothing of acceptance."""
