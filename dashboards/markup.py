"""HTML that pages are set in: headings, tables, notes. Every value is escaped here; pages never write tags
around data.

Numbers arrive as text already, from `reporting.presentation.formats`; nothing here computes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from reporting.presentation.formats import MISSING


@dataclass(frozen=True)
class Column:
    """A column of a table: the key of its text in the rows, its heading, and how it is set.

    Args:
        key: which value of each row.
        label: the heading.
        kind: `text`, `line` (never broken, such as a date), `number` (right-aligned, tabular figures),
            `quiet` (text in a lighter ink) or `wrap` (long quiet text).
        help: shown when the heading is pointed at.
        fold: left out on narrow screens.
    """

    key: str
    label: str
    kind: str = "text"
    help: str = ""
    fold: bool = False


def page_heading(title: str, question: str, *, as_of: str = "", aside: str = "") -> str:
    """The page's title, the question that it answers, and the date that its figures are true of."""
    date = f'<p class="cap-asof">{escape(as_of)}</p>' if as_of else ""
    more = f'<p class="cap-asof">{escape(aside)}</p>' if aside else ""
    return (
        f'<header class="cap-head"><div><h1>{escape(title)}</h1><p>{escape(question)}</p></div>'
        f'<div class="cap-meta">{date}{more}</div></header>'
    )


def section_heading(title: str, note: str = "") -> str:
    """A section's title with a line on what is in it."""
    more = f"<p>{escape(note)}</p>" if note else ""
    return f'<div class="cap-section"><h2>{escape(title)}</h2>{more}</div>'


def table(
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    total: Mapping[str, Any] | None = None,
    caption: str = "",
) -> str:
    """A table of ready-made texts. `None` is set as a dash; the first column heads its row; `total` is ruled
    off.

    A row's `_tone` (`good`, `bad`, `quiet`) colours it, its `_note` is a second line under the first column,
    its `_bar` (0 to 1) the length of a bar there; `<key>_note` is a second line in a cell and `<key>_why` is
    shown when the cell is pointed at.
    """
    head = "".join(
        f'<th scope="col" class="{_classes(column)}"{_title(column.help)}>{escape(column.label)}</th>'
        for column in columns
    )
    body = "".join(_row(columns, row) for row in rows)
    foot = f"<tfoot>{_row(columns, total)}</tfoot>" if total else ""
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="cap-scroll" tabindex="0"><table class="cap-table">{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody>{foot}</table></div>"
    )


def _classes(column: Column) -> str:
    return f"cap-{column.kind}{' cap-fold' if column.fold else ''}"


def _title(text: str) -> str:
    return f' title="{escape(text)}"' if text else ""


def _row(columns: Sequence[Column], row: Mapping[str, Any]) -> str:
    cells = []
    for position, column in enumerate(columns):
        value = row.get(column.key)
        text = MISSING if value is None or value == "" else escape(str(value))
        tip = _title(str(row.get(f"{column.key}_why") or ""))
        second = row.get("_note" if position == 0 else f"{column.key}_note")
        note = f"<small>{escape(str(second))}</small>" if second else ""
        if position == 0:
            share = row.get("_bar")
            length = (
                f'<i class="cap-length" style="width:{float(share) * 100:.1f}%"></i>'
                if share is not None
                else ""
            )
            cells.append(f'<th scope="row" class="{_classes(column)}"{tip}>{text}{note}{length}</th>')
        else:
            cells.append(f'<td class="{_classes(column)}"{tip}>{text}{note}</td>')
    tone = row.get("_tone")
    mark = f' class="cap-{escape(str(tone))}"' if tone else ""
    return f"<tr{mark}>{''.join(cells)}</tr>"


def bar(parts: Sequence[tuple[str, float, str]], *, label: str) -> str:
    """A single stacked bar of fractions of one whole: (css tone, fraction 0..1, title)."""
    pieces = "".join(
        f'<span class="cap-part cap-part-{escape(tone)}" style="width:{max(0.0, min(1.0, share)) * 100:.2f}%"'
        f"{_title(text)}></span>"
        for tone, share, text in parts
    )
    return f'<div class="cap-bar" role="img" aria-label="{escape(label)}">{pieces}</div>'


@dataclass(frozen=True)
class BoardColumn:
    """A stage on the board: its name, how many and how much are in it, and its first cards (name, amount)."""

    title: str
    count: str
    amount: str
    remark: str
    cards: Sequence[tuple[str, str]]
    more: str = ""
    tone: str = ""


def board(columns: Sequence[BoardColumn]) -> str:
    """The stages side by side; they scroll sideways on narrow screens."""
    stages = "".join(map(_board_column, columns))
    return f'<div class="cap-scroll" tabindex="0"><div class="cap-board">{stages}</div></div>'


def _board_column(column: BoardColumn) -> str:
    cards = "".join(
        f"<li><span>{escape(name)}</span><b>{escape(amount)}</b></li>" for name, amount in column.cards
    )
    more = f'<p class="cap-more">and {escape(column.more)} more</p>' if column.more else ""
    return (
        f'<section class="cap-stage cap-stage-{escape(column.tone)}"><h3>{escape(column.title)}</h3>'
        f'<p class="cap-stage-count"><b>{escape(column.count)}</b><span>{escape(column.amount)}</span></p>'
        f"<small>{escape(column.remark) or '&nbsp;'}</small><ul>{cards}</ul>{more}</section>"
    )


def legend(entries: Sequence[tuple[str, str, str]]) -> str:
    """What the pieces of a bar are: (css tone, name, amount)."""
    items = "".join(
        f'<li><i class="cap-part-{escape(tone)}"></i><span>{escape(name)}</span><b>{escape(amount)}</b></li>'
        for tone, name, amount in entries
    )
    return f'<ul class="cap-legend">{items}</ul>'


def definition(entries: Sequence[tuple[str, str]]) -> str:
    """Terms with what they mean, the empty ones left out."""
    items = "".join(f"<dt>{escape(term)}</dt><dd>{escape(text)}</dd>" for term, text in entries if text)
    return f'<dl class="cap-definition">{items}</dl>'


def note(text: str, tone: str = "plain") -> str:
    """A remark about the figures, set apart by a thin rule: `plain` or `warn`."""
    return f'<p class="cap-note cap-note-{escape(tone)}">{escape(text)}</p>'


def state_page(kicker: str, title: str, because: str, next_step: str, *, next_is_markup: bool = False) -> str:
    """A designed page for when there is nothing to show. `next_step` is escaped unless it is our own
    markup."""
    return (
        f'<section class="cap-state"><p class="cap-kicker">{escape(kicker)}</p><h1>{escape(title)}</h1>'
        f"<p>{escape(because)}</p><p "
        f"class='cap-next'>{next_step if next_is_markup else escape(next_step)}</p></section>"
    )
