"""Rows of the benchmark table."""
