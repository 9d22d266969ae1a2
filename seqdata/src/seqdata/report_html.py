"""The page that shows the figures of a Dataset: plain HTML with drawings inside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

_STYLE = """
:root { --ink: #22303c; --quiet: #5d6975; --line: #dfe4e9; --main: #1b6ca8; --soft: #f2f6fa;
        --bad: #b3261e; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 62rem; color: var(--ink);
       font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .4rem; }
p { margin: .3rem 0 .8rem; }
.quiet { color: var(--quiet); font-size: .9rem; }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1rem 0; }
.card { background: var(--soft); border-radius: .4rem; padding: .6rem 1rem; min-width: 8rem; }
.card b { display: block; font-size: 1.35rem; }
.card span { color: var(--quiet); font-size: .85rem; }
ul.attention { background: #fdf3f2; border-left: 4px solid var(--bad); padding: .7rem 1rem .7rem 2rem; }
ul.fine { background: var(--soft); border-left: 4px solid var(--main); padding: .7rem 1rem .7rem 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; margin: .4rem 0 1rem; }
th, td { text-align: left; padding: .25rem 1.2rem .25rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2rem; }
figure { margin: 0; }
figcaption { font-size: .9rem; font-weight: 600; }
svg text { font: 11px system-ui, sans-serif; fill: #5d6975; }
svg rect { fill: #1b6ca8; }
svg line { stroke: #9aa5b0; }
@media print { section { break-inside: avoid; } }
"""
_WAYS = {
    "coordinates": "overlap a window of",
    "letters": "have the same sequence, on either strand, as a row of",
    "near duplicates": "are near duplicates of rows of",
}
_MOST_BARS = 30
_MOST_FIGURES = 24


def page(figures: xr.Dataset, *, title: str) -> str:
    """Write the figures of `seqdata.report.report` as one HTML page.

    Examples
    --------
    >>> page(xr.Dataset({"rows": ((), 5)}), title="Mine").count("<h1>Mine</h1>")
    1
    """
    sections = (_sequences, _targets, _classes, _splits, _contigs, _tracks)
    body = "".join(section(figures) for section in sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n{_cards(figures)}{_attention(figures)}{body}"
        f'<p class="quiet">Made by seqdata {escape(str(figures.attrs.get("version", "")))}.</p>\n'
        "</body>\n</html>\n"
    )


def histogram(counts: ArrayLike, low: float, high: float, *, caption: str, axis: str = "") -> str:
    """Draw a histogram as inline SVG.

    Parameters
    ----------
    counts
        Number in each bin, shape (bins,).
    low, high
        Ends of the first and the last bin.
    caption
        What is shown.
    axis
        What is counted along the horizontal axis, with its unit.

    Examples
    --------
    >>> histogram([1, 3], 0, 1, caption="GC").count("<rect")
    2
    """
    heights = np.asarray(counts, dtype=np.float64)
    width, height, left, top = 300, 110, 6, 18
    step = width / max(1, heights.size)
    tallest = heights.max(initial=0) or 1
    bars = "".join(
        f'<rect x="{left + i * step:.1f}" y="{top + height * (1 - value / tallest):.1f}" '
        f'width="{max(step - 1, 0.5):.1f}" height="{height * value / tallest:.1f}"></rect>'
        for i, value in enumerate(heights)
    )
    base = top + height
    return (
        f'<figure><figcaption>{escape(caption)}</figcaption><svg width="{width + 2 * left}" '
        f'height="{base + 34}" role="img" aria-label="{escape(caption)}">{bars}'
        f'<line x1="{left}" y1="{base + 0.5}" x2="{left + width}" y2="{base + 0.5}"></line>'
        f'<text x="{left}" y="{base + 14}">{_number(low)}</text>'
        f'<text x="{left + width}" y="{base + 14}" text-anchor="end">{_number(high)}</text>'
        f'<text x="{left + width / 2}" y="{base + 28}" text-anchor="middle">{escape(axis)}</text>'
        f'<text x="{left}" y="10">up to {_number(tallest)} rows</text></svg></figure>'
    )


def bars(labels: Sequence[str], values: ArrayLike, *, caption: str) -> str:
    """Draw one horizontal bar for each label as inline SVG.

    Examples
    --------
    >>> bars(["train", "test"], [8, 2], caption="rows").count("<rect")
    2
    """
    numbers = np.asarray(values, dtype=np.float64)
    shown = [label if len(label) <= 28 else f"{label[:27]}…" for label in labels]
    left = 8 + 7 * max((len(label) for label in shown), default=0)
    width, line = 260, 20
    largest = numbers.max(initial=0) or 1
    rows = "".join(
        f'<text x="{left - 6}" y="{i * line + 14}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{left}" y="{i * line + 4}" width="{width * max(value, 0) / largest:.1f}" height="13">'
        f'</rect><text x="{left + width * max(value, 0) / largest + 5:.1f}" y="{i * line + 14}">'
        f"{_number(value)}</text>"
        for i, (label, value) in enumerate(zip(shown, numbers, strict=True))
    )
    return (
        f'<figure><figcaption>{escape(caption)}</figcaption><svg width="{left + width + 90}" '
        f'height="{line * len(shown) + 6}" role="img" aria-label="{escape(caption)}">{rows}</svg></figure>'
    )


def _cards(figures: xr.Dataset) -> str:
    cards = [("rows", _number(figures["rows"].item()))]
    for name in _names(figures, "sequence"):
        one = figures.sel(sequence=name)
        low, high = one["length_min"].item(), one["length_max"].item()
        unit = "residues" if one["alphabet"].item() == "AA" else "bases"
        span = _number(low) if low == high else f"{_number(low)} to {_number(high)}"
        cards.append((f"{unit} in each {name}", span))
        if not np.isnan(one["gc_mean"].item()):
            cards.append((f"G and C in {name}, mean", f"{one['gc_mean'].item():.1%}"))
    for dim, words in (("target", "targets"), ("track", "tracks"), ("contig", "contigs")):
        if dim in figures.dims:
            cards.append((words, _number(figures.sizes[dim])))
    inner = "".join(
        f'<div class="card"><b>{value}</b><span>{escape(name)}</span></div>'
        for name, value in cards
    )
    return f'<div class="cards">{inner}</div>\n'


def _attention(figures: xr.Dataset) -> str:
    """Say in words what a reader must know before training."""
    said = [*_said_of_splits(figures), *_said_of_sequences(figures), *_said_of_numbers(figures)]
    if not said:
        return f'<h2>Before you train</h2>\n<ul class="fine"><li>{_clean(figures)}</li></ul>\n'
    items = "".join(f"<li>{escape(words)}</li>" for words in said)
    return f'<h2>Before you train</h2>\n<ul class="attention">{items}</ul>\n'


def _clean(figures: xr.Dataset) -> str:
    """Name what was looked for and not found."""
    absent = [
        words
        for dim, words in (
            ("sequence", "duplicate sequences"),
            ("target", "missing targets"),
            ("track", "silent tracks"),
        )
        if dim in figures.dims
    ]
    if "leaking" in figures and bool((figures["leaking"] >= 0).any()):
        absent.append("leakage between splits")
    return f"Found no {', no '.join(absent)}." if absent else "There was nothing to check."


def _said_of_splits(figures: xr.Dataset) -> list[str]:
    if "leaking" not in figures:
        return []
    said = []
    for way in figures["way"].values:
        counts = figures["leaking"].sel(way=way)
        parts = [
            f"{_number(counts.sel(counted_split=split).item())} {split}"
            for split in figures["counted_split"].values
            if counts.sel(counted_split=split) > 0
        ]
        if parts:
            said.append(f"Leakage: rows that {_WAYS[str(way)]} another split: {', '.join(parts)}.")
    return said


def _said_of_sequences(figures: xr.Dataset) -> list[str]:
    said = []
    for name in _names(figures, "sequence"):
        one = figures.sel(sequence=name)
        equal, either = one["duplicates"].item(), one["duplicates_both_strands"].item()
        if equal:
            said.append(
                f"{_number(equal)} rows of {name} have the same sequence as an earlier row."
            )
        if either > equal:
            said.append(
                f"{_number(either - equal)} more rows of {name} are the reverse complement of an earlier one."
            )
        if one["foreign_letters"].item():
            said.append(
                f"{_number(one['foreign_letters'].item())} letters of {name} are outside its alphabet "
                f"({one['alphabet'].item()}) and become zero columns in one-hot arrays."
            )
    return said


def _said_of_numbers(figures: xr.Dataset) -> list[str]:
    said = []
    rows = figures["rows"].item()
    for name in _names(figures, "target"):
        missing = figures["target_missing"].sel(target=name).item()
        if missing:
            said.append(f"{name} is missing in {_number(missing)} rows ({missing / rows:.1%}).")
    same = [
        name
        for name in _names(figures, "target")
        if rows > 1
        and figures["target_min"].sel(target=name) == figures["target_max"].sel(target=name)
    ]
    if same:
        said.append(f"The same value in every row: {', '.join(same[:10])}.")
    silent = [
        name
        for name in _names(figures, "track")
        if not figures["track_total"].sel(track=name).item()
    ]
    if silent:
        said.append(f"Tracks without any signal: {', '.join(silent[:10])}.")
    return said


def _sequences(figures: xr.Dataset) -> str:
    names = _names(figures, "sequence")
    if not names:
        return ""
    drawn, rows = [], []
    for name in names:
        one = figures.sel(sequence=name)
        unit = "residues" if one["alphabet"].item() == "AA" else "bp"
        if one["length_min"] != one["length_max"]:
            edges = one["length_edge"].values
            drawn.append(
                histogram(
                    one["length_count"], edges[0], edges[-1], caption=f"Length of {name}", axis=unit
                )
            )
        if not np.isnan(one["gc_mean"].item()):
            drawn.append(
                histogram(
                    one["gc_count"], 0, 1, caption=f"G and C in {name}", axis="share of G and C"
                )
            )
        both = one["duplicates_both_strands"].item()
        rows.append([
            name, one["alphabet"].item(), one["length_min"].item(), one["length_median"].item(),
            one["length_max"].item(), one["unknown_letters"].item(), one["foreign_letters"].item(),
            one["duplicates"].item(), np.nan if both < 0 else both,
        ])  # fmt: skip
    header = [
        "sequence", "alphabet", "shortest", "median", "longest", "unknown letters",
        "letters outside the alphabet", "duplicates", "with reverse complements",
    ]  # fmt: skip
    return _section("Sequences", _table(header, rows) + _figures(drawn))


def _targets(figures: xr.Dataset) -> str:
    names = _names(figures, "target")
    if not names:
        return ""
    classes = figures["class_variable"].values if "class_variable" in figures.coords else ()
    drawn, rows = [], []
    for name in names:
        one = figures.sel(target=name)
        values = [
            one[f"target_{field}"].item() for field in ("missing", "mean", "sd", "min", "max")
        ]
        rows.append([name, *values])
        edges = one["target_edge"].values
        if name not in classes and values[3] < values[4]:
            drawn.append(
                histogram(one["target_count"], edges[0], edges[-1], caption=name, axis="value")
            )
    header = ["target", "missing", "mean", "standard deviation", "smallest", "largest"]
    return _section("Targets and measurements", _table(header, rows) + _figures(drawn))


def _classes(figures: xr.Dataset) -> str:
    if "class_rows" not in figures:
        return ""
    drawn = []
    owners = figures["class_variable"].values
    for name in dict.fromkeys(owners):
        part = figures.isel({"class": np.flatnonzero(owners == name)})
        drawn.append(
            bars(list(map(str, part["class_label"].values)), part["class_rows"], caption=str(name))
        )
    return _section("Classes", _figures(drawn))


def _splits(figures: xr.Dataset) -> str:
    if "split_rows" not in figures:
        return ""
    drawn = bars(_names(figures, "split"), figures["split_rows"], caption="Rows of each split")
    rows = []
    for way in _names(figures, "way"):
        counts = figures["leaking"].sel(way=way).values
        known = [np.nan if count < 0 else int(count) for count in counts]
        rows.append([f"{_WAYS[way]} another split", *known])
    compared = figures["leaking"].attrs.get("near_duplicate_rows", 0)
    note = (
        '<p class="quiet">Near duplicates have half of their words of 12 letters (proteins: 5) in common, '
        f"directly or through others; {_number(compared)} rows were compared for that.</p>"
    )
    table = _table(["rows that", *_names(figures, "counted_split")], rows)
    return _section("Splits and leakage", drawn + note + table)


def _contigs(figures: xr.Dataset) -> str:
    names = _names(figures, "contig")
    if not names:
        return ""
    drawn = bars(
        names[:_MOST_BARS], figures["contig_rows"][:_MOST_BARS], caption="Rows of each contig"
    )
    more = len(names) - _MOST_BARS
    note = f'<p class="quiet">and {more} more contigs with fewer rows</p>' if more > 0 else ""
    return _section("Contigs", drawn + note)


def _tracks(figures: xr.Dataset) -> str:
    names = _names(figures, "track")
    if not names:
        return ""
    rows = []
    for name in names:
        one = figures.sel(track=name)
        rows.append(
            [name, *(one[f"track_{field}"].item() for field in ("total", "mean", "max", "missing"))]
        )
    drawn = bars(names[:_MOST_BARS], figures["track_total"][:_MOST_BARS], caption="Total signal")
    header = ["track", "total", "mean", "largest", "missing values"]
    return _section("Tracks", drawn + _table(header, rows))


def _names(figures: xr.Dataset, dim: str) -> list[str]:
    return [str(name) for name in figures[dim].values] if dim in figures.coords else []


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{body}\n</section>\n"


def _figures(drawn: Sequence[str]) -> str:
    more = len(drawn) - _MOST_FIGURES
    note = f'<p class="quiet">and {more} more in the table</p>' if more > 0 else ""
    return f'<div class="figures">{"".join(drawn[:_MOST_FIGURES])}</div>{note}'


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    is_number = [not isinstance(cell, str) for cell in rows[0]] if rows else [False] * len(header)

    def line(cells: Sequence[Any], tag: str) -> str:
        inner = "".join(
            f'<{tag} class="number">{_cell(cell)}</{tag}>'
            if right
            else f"<{tag}>{_cell(cell)}</{tag}>"
            for cell, right in zip(cells, is_number, strict=True)
        )
        return f"<tr>{inner}</tr>"

    body = "".join(line(row, "td") for row in rows)
    return f'<div class="scroll"><table>{line(header, "th")}{body}</table></div>'


def _cell(value: Any) -> str:
    return escape(value) if isinstance(value, str) else _number(value)


def _number(value: float) -> str:
    """Write a number as people do: whole ones with commas, others with three digits."""
    if np.isnan(value):
        return "–"  # noqa: RUF001
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
