"""Search, as far as it decides and does not read: words, what somebody asks for, and where it stands in a text."""
