"""Records and what happens to them: dispatch, attempts, fallback, cancel, events."""
