"""Stores of records: the port and its embedded implementations."""
