"""Asking sources: the pipeline of one source, and the report over all of them."""
