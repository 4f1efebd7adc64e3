"""Live updates: events → one Redis stream → every replica's own WebSockets."""
