"""Service levels: when an answer or a close is due by working hours, and what became of it. Pure: time is passed in.

`schema` is what people write, `check` says what is wrong with it, `timetable` counts working time, `policies` says
which policy a conversation is under, `targets` follows a conversation's events.
"""
