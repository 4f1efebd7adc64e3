"""The checker: reads the journal, the databases and the Kafka topics from outside, and says what is not as promised.

Shares no code with services/ or shared/; `tests/unit/chaos/test_independence.py` walks its imports.
"""
