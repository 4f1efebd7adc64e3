"""notifications: everything outward. Mail to customers, chat pushes, live updates to browsers."""
