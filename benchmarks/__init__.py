"""Measurements, each beside an alternative in the same run and reported as a ratio."""
