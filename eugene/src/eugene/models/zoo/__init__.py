"""Architectures: one file each, with its source, its configuration and its reference numbers."""
