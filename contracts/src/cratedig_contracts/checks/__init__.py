"""The checks, one module for each area. A check's name is its method's, without ``test_``."""
