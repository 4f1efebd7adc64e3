"""Bare programs with the same durable effects, written as directly as one can; what the services are held to."""
