"""The engine: every part wired together."""
