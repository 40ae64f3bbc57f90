"""Find and download music from many sources through one engine."""
