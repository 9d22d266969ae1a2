"""Motif files: one module a format, with ``parse`` and ``render``; `formats` is the table of them."""
