"""HTTP of routing: rules, decisions, availability. Permissions and brands are checked here."""
