"""tickets: the system of record. Conversations, contacts, agents, teams, roles and brands."""
