"""Lanes: what each source has for itself, so that no source can delay another."""
