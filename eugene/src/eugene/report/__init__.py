"""Reports: one self-contained HTML page with the data, the scores and what was learned."""

from eugene.report.page import Figure, Section, Table, write_page
from eugene.report.run import report, reproduce, run_sections
from eugene.report.study import Learned, study

__all__ = [
    "report",
    "study",
    "Learned",
    "run_sections",
    "reproduce",
    "write_page",
    "Section",
    "Figure",
    "Table",
]
