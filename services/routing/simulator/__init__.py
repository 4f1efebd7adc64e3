"""Simulations as they run: `part` takes them and keeps their rows, `run` has the processes, `worker` is one of these.

What they decide with is `services.routing.simulate`.
"""
