"""Routing: watches conversations and says what should happen to them. Changes nobody else's data."""
