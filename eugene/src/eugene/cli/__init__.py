"""The command line: ``eugene``. Each command is a thin call of the public function of its name."""

from eugene.cli.app import main

__all__ = ["main"]
