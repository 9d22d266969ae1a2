"""Reports: one self-contained HTML page with the data, the scores and what was learned."""

from eugene.report.page import Figure, Section, Table, write_page
from eugene.report.run import report, run_sections

__all__ = ["report", "run_sections", "write_page", "Section", "Figure", "Table"]
