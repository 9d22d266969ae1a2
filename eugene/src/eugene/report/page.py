"""The page: sections of text, tables and figures, in one HTML file that needs no network."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqpro.files import write_whole

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_DPI = 130


@dataclass(frozen=True, eq=False)
class Figure:
    """A picture with a caption.

    Parameters
    ----------
    axes
        Axes of the matplotlib figure; any one of them serves.
    caption
        What it shows and how to read it.
    wide
        Whether it takes the page's whole width; two others share a row.

    Examples
    --------
    >>> from eugene.plot.style import new_axes
    >>> Figure(new_axes(1, 1), "Nothing.").image()[:22]
    'data:image/png;base64,'
    """

    axes: Axes
    caption: str
    wide: bool = False

    def image(self) -> str:
        """Give the picture as a data URL."""
        stream = io.BytesIO()
        figure: Any = self.axes.figure
        figure.savefig(stream, format="png", dpi=_DPI, metadata={"Software": None})
        return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


@dataclass(frozen=True, eq=False)
class Table:
    """A table with a caption.

    Parameters
    ----------
    frame
        DataFrame; numbers are shown with three significant digits.
    caption
        What it shows.
    index
        Whether the index is shown as a first column.

    Examples
    --------
    >>> import pandas as pd
    >>> Table(pd.DataFrame({"score": [0.12345]})).rows()
    [['0.123']]
    """

    frame: pd.DataFrame
    caption: str = ""
    index: bool = False

    def header(self) -> list[str]:
        """Give the column titles."""
        titles = [str(name).replace("_", " ") for name in self.frame.columns]
        return [str(self.frame.index.name or ""), *titles] if self.index else titles

    def rows(self) -> list[list[str]]:
        """Give the cells as text."""
        return [
            [_cell(value) for value in (row if self.index else row[1:])]
            for row in self.frame.itertuples()
        ]


@dataclass(frozen=True, eq=False)
class Section:
    """A part of the page.

    Parameters
    ----------
    title
        Its heading.
    text
        Paragraphs.
    tables, figures
        Shown in order, after the text.
    code
        Lines shown as they are typed.
    lead
        Whether the text is set apart as the section's message.

    Examples
    --------
    >>> Section("Scores", ["They are good."]).title
    'Scores'
    """

    title: str
    text: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
    code: str = ""
    lead: bool = False


def write_page(
    path: str | os.PathLike[str], *, title: str, subtitle: str, sections: Sequence[Section]
) -> Path:
    """Write a page.

    The file is written beside its place and then moved there.

    Parameters
    ----------
    path
        The HTML file.
    title, subtitle
        Heading of the page.
    sections
        Its parts, in order.

    Returns
    -------
    Path of the file

    Examples
    --------
    >>> import tempfile
    >>> path = write_page(tempfile.mkdtemp() + "/a.html", title="A", subtitle="B",
    ...                   sections=[Section("One", ["1 < 2"])])
    >>> "1 &lt; 2" in path.read_text()
    True
    """
    from jinja2 import Environment

    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("eugene.report").joinpath("page.html.j2").read_text())
    html = template.render(title=title, subtitle=subtitle, sections=sections)
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, html.encode())
    return target


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.3g}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)
