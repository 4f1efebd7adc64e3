"""Customers, as real senders behave: what was not accepted is sent again with the same id, to any replica."""
