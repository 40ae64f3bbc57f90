"""The command line; the ``cli`` extra."""
