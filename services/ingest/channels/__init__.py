"""What each provider sends, put into our words. Pure: no database, no clock, no network."""
