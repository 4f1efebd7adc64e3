"""What each provider sends, put into our words. No database, no clock; only `email.pool` and `smtp` run anything."""
