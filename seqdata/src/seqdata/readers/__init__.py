"""Readers of raw files: each only answers "values for these rows" or "values for these intervals"."""
