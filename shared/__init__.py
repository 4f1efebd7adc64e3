"""Contracts and plumbing that every service may import; imports no service."""
