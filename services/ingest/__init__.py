"""ingest turns whatever arrives into one event per thing that happened. It knows nothing of conversations' state."""
