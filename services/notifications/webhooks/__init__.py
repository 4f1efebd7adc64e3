"""Outgoing webhooks: endpoints of integrators, what is on its way to each, and the sending (docs/webhooks.md)."""
