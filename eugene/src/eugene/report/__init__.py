"""Reports: one self-contained HTML page with the data, the scores and what was learned."""

from eugene.report.page import Figure, Section, Table, write_page
from eugene.report.rule import rule_in_words
from eugene.report.run import report, reproduce, run_sections
from eugene.report.scorecard import scorecard_report
from eugene.report.study import Learned, study

__all__ = [
    "report",
    "scorecard_report",
    "rule_in_words",
    "study",
    "Learned",
    "run_sections",
    "reproduce",
    "write_page",
    "Section",
    "Figure",
    "Table",
]
