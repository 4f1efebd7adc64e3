"""Aircall, outward: calls that agents ask for, and agents' status. Aircall's webhooks come in by ingest."""
