"""What each provider sends, put into our words. No database, no clock; only `email.pool` runs anything (parsers)."""
