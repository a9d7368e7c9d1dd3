"""Sections A.1, A.2 and B.1 of ILPA's Reporting Template, of every holder and period (METRICS 9.1)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from orchestration.lib.oracle import ilpa_template
from orchestration.lib.oracle.ilpa_stated import Fund, Holder, Promise, Stated, added
from orchestration.lib.oracle.questions import Row, Table, Value, table
from orchestration.lib.oracle.standing import Ledger, Money, total

SPANS = ("qtd", "ytd", "itd")
_KEY = ("vehicle_id", "investor_id", "period_end", "line")
NOBODY = Holder("", False, False, Fraction(0))
"""The place of amounts that are nobody's in particular: in totals only."""


@dataclass(frozen=True)
class Span:
    """From the end of the day `since` (None: inception) to the end of a period."""

    name: str
    since: date | None
    until: date


def spans_of(period_end: date) -> tuple[Span, Span, Span]:
    """The quarter, the year to date and all since inception."""
    quarter = date(period_end.year, period_end.month - 2, 1) - timedelta(days=1)
    year = date(period_end.year, 1, 1) - timedelta(days=1)
    return (
        Span("qtd", quarter, period_end),
        Span("ytd", year, period_end),
        Span("itd", None, period_end),
    )


@dataclass(frozen=True)
class Worth:
    """What a holder's part is worth at a date, and what that rests on."""

    amount: Money
    status: str


def worth(ledger: Ledger, fund: Fund, holder: Holder, on: date) -> Worth:
    """As reported for the day, else the last report moved by all stated since, else all that was stated."""
    vehicle = fund.vehicle
    values = [
        value
        for value in ledger.values_of(vehicle)
        if value.investor_id == holder.investor_id and not value.holding_id and value.on <= on
    ]
    newest = max(values, key=lambda value: value.on, default=None)
    closed = ledger.closed_from(vehicle)
    if closed and closed <= on and (newest is None or newest.on <= closed):
        return Worth(Fraction(0), "closed")
    moving = [one for one in _own(fund, holder) if one.line in ilpa_template.MOVING]
    if newest is None:
        until = [one for one in moving if one.on <= on]
        if not fund.has_allocations and until:
            return Worth(None, "missing")
        return Worth(total(one.amount for one in until), "rolled")
    told = ledger.markets.convert(newest.amount, newest.currency_code, vehicle.currency_code, on)
    if newest.on == on:
        return Worth(told, "reported")
    return Worth(total((told, added(moving, newest.on, on))), "rolled")


def carry_balance(fund: Fund, holder: Holder, on: date) -> Money:
    """Carried interest accrued, earned and paid to a date."""
    return ilpa_template.carry_moved(_lines(_own(fund, holder), None, on))


def ilpa_account_tables(ledger: Ledger, funds: Iterable[Fund]) -> Iterator[Table]:
    """The amounts that are stated, and the three sections."""
    every = list(funds)
    yield table(
        "fct_ilpa_amounts",
        ("vehicle_id", "investor_id", "line", "stated_in"),
        ("effective_on", "amount", "is_estimate"),
        (_amount(fund, one) for fund in every if fund.vehicle.kind in ("fund", "spv") for one in fund.stated),
    )
    shared = _columns(("investor", "total", "gp"))
    groups: dict[str, Callable[[Holder], bool]] = {
        "total": lambda holder: True,
        "gp": lambda holder: holder.is_general_partner,
    }
    unsplit = tuple(f"unsplit_{span}_amount" for span in SPANS)
    yield table(
        "fct_ilpa_nav_reconciliation",
        _KEY,
        (*shared, *unsplit, "nav_status", "is_estimate"),
        _section(every, groups, lambda fund, holder, end: _nav_rows(ledger, fund, holder, end)),
    )
    yield table(
        "fct_ilpa_commitment", _KEY, (*shared, "is_estimate"), _section(every, groups, _commitment_rows)
    )
    groups = {
        "lps": lambda holder: bool(holder.investor_id) and not holder.is_affiliated,
        "affiliates": lambda holder: holder.is_affiliated,
    }
    at_rate = tuple(f"offset_at_rate_{span}_amount" for span in SPANS)
    yield table(
        "fct_ilpa_source_allocation",
        _KEY,
        (*_columns(("investor", "lps", "affiliates")), "offset_rate", *at_rate, "is_estimate"),
        map(_at_rate, _section(every, groups, _received_rows)),
    )


def _columns(groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{group}_{span}_amount" for group in groups for span in SPANS)


def _amount(fund: Fund, one: Stated) -> Row:
    return {
        "vehicle_id": fund.vehicle.vehicle_id,
        "investor_id": one.investor_id,
        "line": one.line,
        "stated_in": one.stated_in,
        "effective_on": one.on,
        "amount": one.amount,
        "is_estimate": one.is_estimate,
    }


_Filled = tuple[dict[str, dict[str, Money]], dict[str, dict[str, Value]]]
"""Row of the template -> amounts by span, and what else stands on that row."""


def _section(
    funds: Iterable[Fund],
    groups: Mapping[str, Callable[[Holder], bool]],
    fill: Callable[[Fund, Holder, date], _Filled],
) -> Iterator[dict[str, Value]]:
    """Every row of every holder, with the sums over the groups beside it."""
    for fund in funds:
        for end in fund.period_ends:
            filled = {holder: fill(fund, holder, end) for holder in (*fund.holders, NOBODY)}
            sums = _sums(groups, {holder: amounts for holder, (amounts, _) in filled.items()})
            for holder in fund.holders:
                estimated = {one.line for one in _own(fund, holder) if one.is_estimate and one.on <= end}
                amounts, beside = filled[holder]
                for line, by_span in amounts.items():
                    yield {
                        "vehicle_id": fund.vehicle.vehicle_id,
                        "investor_id": holder.investor_id,
                        "period_end": end,
                        "line": line,
                        "is_estimate": line in estimated,
                        **{f"investor_{span}_amount": by_span[span] for span in SPANS},
                        **sums[line],
                        **beside.get(line, {}),
                    }


def _sums(
    groups: Mapping[str, Callable[[Holder], bool]], filled: Mapping[Holder, Mapping[str, Mapping[str, Money]]]
) -> dict[str, dict[str, Money]]:
    """Of each row of the template what a group of holders has together."""
    members = {
        name: [rows for holder, rows in filled.items() if is_in(holder)] for name, is_in in groups.items()
    }
    return {
        line: {
            f"{name}_{span}_amount": total(rows[line][span] for rows in many)
            for name, many in members.items()
            for span in SPANS
        }
        for line in filled[NOBODY]
    }


def _own(fund: Fund, holder: Holder) -> list[Stated]:
    return fund.by_holder.get(holder.investor_id, [])


def _lines(stated: Iterable[Stated], since: date | None, until: date) -> dict[str, Money]:
    by_line: dict[str, list[Stated]] = defaultdict(list)
    for one in stated:
        if one.on <= until:
            by_line[one.line].append(one)
    return {line: added(many, since, until) for line, many in by_line.items()}


def _turned(by_span: Mapping[str, Mapping[str, Money]]) -> dict[str, dict[str, Money]]:
    return {line: {span: by_span[span][line] for span in SPANS} for line in by_span["itd"]}


def _nav_rows(ledger: Ledger, fund: Fund, holder: Holder, end: date) -> _Filled:
    own = _own(fund, holder)
    by_span, unsplit = {}, {}
    closing = worth(ledger, fund, holder, end) if holder.investor_id else Worth(Fraction(0), "")
    for span in spans_of(end):
        lines = _lines(own, span.since, end)
        opening: Money = Fraction(0)
        if span.since and holder.investor_id:
            opening = worth(ledger, fund, holder, span.since).amount
        moved = total(lines[line] for line in ilpa_template.MOVING if line in lines)
        rest = None
        if closing.amount is not None and opening is not None and moved is not None:
            rest = closing.amount - opening - moved
        before = _lines(own, None, span.since) if span.since else {}
        by_span[span.name] = ilpa_template.nav_reconciliation(
            lines, opening, rest, ilpa_template.carry_moved(before), ilpa_template.offsets_moved(before)
        )
        unsplit[f"unsplit_{span.name}_amount"] = rest
    rows = _turned(by_span)
    nothing = dict.fromkeys(unsplit, Fraction(0))
    beside: dict[str, dict[str, Value]] = {
        line: {**(unsplit if line == "other_income" else nothing), "nav_status": closing.status}
        for line in rows
    }
    return rows, beside


def _commitment_rows(fund: Fund, holder: Holder, end: date) -> _Filled:
    own = [one for one in _own(fund, holder) if one.line in ilpa_template.COMMITMENT]
    promised = _promised(fund, holder, end)
    by_span = {}
    for span in spans_of(end):
        lines = _lines(own, span.since, end)
        then = span.since
        before = _promised(fund, holder, then) if then else promised
        freed, freed_before = (
            released(fund, holder, end),
            released(fund, holder, then) if then else Fraction(0),
        )
        moved = total((before, added(own, None, then))) if then else promised
        by_span[span.name] = ilpa_template.commitment(
            lines,
            promised,
            _difference(moved, freed_before),
            _difference(freed_before, freed),
            _difference(promised, before) if then else Fraction(0),
        )
    return _turned(by_span), {}


def _difference(amount: Money, other: Money) -> Money:
    return None if amount is None or other is None else amount - other


def _bound(fund: Fund, holder: Holder, on: date) -> list[Promise]:
    return [one for one in fund.promises if one.investor_id == holder.investor_id and one.counts_from <= on]


def _promised(fund: Fund, holder: Holder, on: date) -> Money:
    return total(one.amount for one in _bound(fund, holder, on))


def released(fund: Fund, holder: Holder, on: date) -> Money:
    """What cancelled promises set free: what was not called of them; nothing where releases are stated."""
    own = _own(fund, holder)
    if any(one.line == "commitment_released" for one in own):
        return Fraction(0)
    bound = _bound(fund, holder, on)
    cancelled = total(one.amount for one in bound if one.is_cancelled)
    if cancelled == 0:
        return cancelled
    calls = [one for one in own if one.line in ("commitment_contributions", "commitment_recallable")]
    uncalled = total((total(one.amount for one in bound), added(calls, None, on)))
    if cancelled is None or uncalled is None:
        return None
    return min(cancelled, max(uncalled, Fraction(0)))


def unfunded(fund: Fund, holder: Holder, on: date) -> Money:
    """What may still be called at the end of a day."""
    own = [one for one in _own(fund, holder) if one.line in ilpa_template.COMMITMENT]
    return _difference(total((_promised(fund, holder, on), added(own, None, on))), released(fund, holder, on))


def _received_rows(fund: Fund, holder: Holder, end: date) -> _Filled:
    own = _own(fund, holder)
    by_span = {
        span.name: ilpa_template.source_allocation(_lines(own, span.since, end)) for span in spans_of(end)
    }
    rows = _turned(by_span)
    newest: dict[str, Stated] = {}
    for one in sorted(fund.unsplit, key=lambda item: (item.on, item.stated_in)):
        if one.on <= end and one.offset_rate is not None:
            newest[one.line] = one
    return rows, {
        line: {"offset_rate": newest[line].offset_rate if line in newest else None} for line in rows
    }


def _at_rate(row: dict[str, Value]) -> dict[str, Value]:
    """Beside it: the share that offsets fees, at the current rate."""
    rate = row["offset_rate"]
    for span in SPANS:
        amount = row[f"investor_{span}_amount"]
        is_known = isinstance(rate, Fraction) and isinstance(amount, Fraction)
        row[f"offset_at_rate_{span}_amount"] = amount * rate if is_known else None  # type: ignore[operator]
    return row
