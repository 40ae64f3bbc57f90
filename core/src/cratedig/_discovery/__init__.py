"""Finding sources, loading each in isolation, and knowing them by name and alias."""
