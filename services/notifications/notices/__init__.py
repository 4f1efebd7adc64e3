"""Agents are told what concerns them (NT2): on the desk, by the browser, and by mail when they did not see it."""
