"""Notebooks as pages: prose, code and what it showed, as they were stored."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import markdown2
import nbformat
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

_COLOURS = HtmlFormatter(style="friendly", nobackground=True)
STYLE = """
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 60rem; color: #22303c;
       font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.8rem; } h2 { font-size: 1.3rem; margin-top: 2.2rem; }
a { color: #1b6ca8; }
code { background: #f2f6fa; padding: 0 .2em; border-radius: .2em; }
pre { margin: 0; padding: .7rem 1rem; overflow-x: auto; font-size: .85rem; line-height: 1.45; }
.code { background: #f2f6fa; border-left: 4px solid #1b6ca8; border-radius: .2rem; margin-top: 1rem; }
.shown { margin: .2rem 0 1rem; overflow-x: auto; } .shown img { max-width: 100%; }
.told { color: #b3261e; }
table { border-collapse: collapse; font-size: .88rem; margin: .4rem 0 1rem; }
th, td { text-align: left; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid #dfe4e9;
         vertical-align: top; }
.shown td { white-space: nowrap; }
"""


def page(title: str, body: str, *, home: str = "") -> str:
    """Put a body of HTML into a page of its own."""
    top = f'<p><a href="{home}">All pages</a></p>' if home else ""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{_COLOURS.get_style_defs('.code')}</style>\n"
        f"</head>\n<body>\n{top}\n{body}\n</body>\n</html>\n"
    )


def markdown(text: str) -> str:
    """Give prose as HTML."""
    return str(markdown2.markdown(text, extras=["fenced-code-blocks", "tables", "cuddled-lists"]))


def notebook_page(path: Path) -> str:
    """Give a notebook as a page; links to other notebooks lead to their pages."""
    notebook = nbformat.read(path, as_version=4)
    parts = [_cell(cell) for cell in notebook.cells]
    body = "\n".join(parts).replace('.ipynb"', '.html"')
    return page(title(notebook), body, home="../index.html")


def title(notebook: Any) -> str:
    """Give the headline of a notebook."""
    return str(notebook.cells[0].source).splitlines()[0].lstrip("# ")


def _cell(cell: Any) -> str:
    if cell.cell_type == "markdown":
        return markdown(cell.source)
    code = highlight(cell.source, PythonLexer(), _COLOURS)
    shown = "".join(_output(output) for output in cell.outputs)
    return f'<div class="code">{code}</div>\n<div class="shown">{shown}</div>'


def _output(output: Any) -> str:
    if output.output_type == "stream":
        kind = "told" if output.name == "stderr" else "said"
        return f'<pre class="{kind}">{escape(output.text)}</pre>'
    if output.output_type == "error":
        return f'<pre class="told">{escape(output.ename)}: {escape(output.evalue)}</pre>'
    if "image/png" in output.data:
        text = escape(output.data["text/plain"])
        return f'<img alt="{text}" src="data:image/png;base64,{output.data["image/png"].strip()}">'
    if "text/html" in output.data:
        return str(output.data["text/html"])
    return f"<pre>{escape(output.data['text/plain'])}</pre>"
