"""Demo data: seven brands, two teams, an agent of each role, and two hundred conversations from a fixed seed."""
