"""Motif files: one module a format, each with its ``read_`` and ``write_``."""
