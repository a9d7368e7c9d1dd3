"""What turned the value at the end of a quarter into that of the next (DECISIONLOG, Value bridge).

Told as of what is known now: of the opening, what was published of it and what was learned since are one sum
here, for only the history of publications can part them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.answers import Computed
from orchestration.lib.oracle.book import Flow, Vehicle
from orchestration.lib.oracle.capital_accounts import Closing, change_beyond, closings, moved, quarter_of
from orchestration.lib.oracle.questions import Row, Table, table
from orchestration.lib.oracle.standing import Ledger, Money, total

_COLUMNS = (
    "currency_basis", "closing_on", "contributions_amount", "distributions_amount",
    "fees_amount", "fx_amount",
    "gain_amount", "closing_amount", "closing_nav_status", "fx_status",
)  # fmt: skip


@dataclass(frozen=True)
class _Span:
    """A quarter of an investor (None: of the vehicle), in the vehicle's currency.

    `plain` is what the value changed by beyond cash and charges, `gain` what of it the investments made; the
    rest is exchange rates. `is_elsewhere`: the value behind it was reported in another currency.
    """

    closing: Closing
    plain: Money
    gain: Money
    is_elsewhere: bool
    is_rate_missing: bool


def value_bridge_table(found: Computed) -> Table:
    """Every quarter of an investor or vehicle, in the vehicle's currency and, if another, the tenant's."""
    rows: list[Row] = []
    for vehicle in found.ledger.book.vehicles.values():
        spans: dict[str | None, list[_Span]] = {
            investor_id: _spans(
                found.ledger, vehicle, investor_id, closings(held_in[vehicle.vehicle_id].items())
            )
            for investor_id, held_in in found.positions.items()
            if vehicle.vehicle_id in held_in
        }
        dated = found.vehicles[vehicle.vehicle_id]
        own = _spans(
            found.ledger, vehicle, None, closings((day, member.standing) for day, member in dated.items())
        )
        spans[None] = [_of_investors(one, spans) for one in own]
        for investor_id, quarters in spans.items():
            for one in quarters:
                rows += _rows(found.ledger, vehicle, investor_id, one)
    return table(
        "rpt_value_bridge", ("vehicle_id", "investor_id", "quarter", "currency_code"), _COLUMNS, rows
    )


def _spans(ledger: Ledger, vehicle: Vehicle, investor_id: str | None, quarters: list[Closing]) -> list[_Span]:
    currencies = {
        value.on: value.currency_code
        for value in ledger.values_of(vehicle)
        if value.investor_id == investor_id and not value.holding_id
    }
    return [_span(ledger, vehicle, investor_id, one, currencies) for one in quarters]


def _span(
    ledger: Ledger, vehicle: Vehicle, investor_id: str | None, one: Closing, currencies: dict[date, str]
) -> _Span:
    told_in = _currency(one, currencies) or (_currency(one.before, currencies) if one.before else None)
    nav, opening = one.at.worth.amount, one.opening
    paid, back, charged = moved(one.at, one.before.at if one.before else None)
    plain = change_beyond(opening, paid, back, charged, nav)
    if told_in is None or told_in == vehicle.currency_code:
        return _Span(one, plain, plain, False, False)
    own, convert = vehicle.currency_code, ledger.markets.convert
    opened_on = one.before.closing_on if one.before else one.closing_on
    closing_there = _told(ledger, nav, own, told_in, one.closing_on)
    opening_there = _told(ledger, opening, own, told_in, opened_on)
    flows = _flows(ledger, vehicle, investor_id, one)
    moved_there = total(
        _signed(flow, convert(flow.amount, flow.currency_code, told_in, flow.on)) for flow in flows
    )
    gain = None
    if closing_there is not None and opening_there is not None and moved_there is not None:
        gain = convert(closing_there - opening_there + moved_there, told_in, own, one.closing_on)
    is_missing = moved_there is None or any(
        convert(Fraction(1), own, told_in, day) is None for day in (opened_on, one.closing_on)
    )
    return _Span(one, plain, gain, True, is_missing)


def _currency(one: Closing, currencies: dict[date, str]) -> str | None:
    """What the value at the closing was reported in; None of a value that is nobody's report."""
    day = one.at.worth.valued_on
    return currencies.get(day) if day else None


def _told(ledger: Ledger, amount: Money, own: str, to: str, day: date) -> Money:
    """Nothing is nothing in every currency."""
    return amount if not amount else ledger.markets.convert(amount, own, to, day)


def _flows(ledger: Ledger, vehicle: Vehicle, investor_id: str | None, one: Closing) -> list[Flow]:
    """Cash and charges of the quarter."""
    return [
        flow
        for flow in ledger.flows_of(vehicle)
        if quarter_of(flow.on) == one.quarter
        and investor_id in (None, flow.investor_id)
        and (flow.is_investor_cash or (flow.investor_id and flow.kind in ("fee", "expense", "tax")))
    ]


def _signed(flow: Flow, amount: Money) -> Money:
    """By what it takes off a gain, with the other sign: paid in less, paid out and charged more."""
    return None if amount is None else -amount if flow.kind == "contribution" else amount


def _of_investors(own: _Span, spans: dict[str | None, list[_Span]]) -> _Span:
    """A vehicle whose value is the sum of its investors' gained what they gained."""
    parts = [
        one
        for investor_id, quarters in spans.items()
        if investor_id
        for one in quarters
        if one.closing.quarter == own.closing.quarter
    ]
    nav = total(one.closing.at.worth.amount for one in parts)
    if not any(one.is_elsewhere for one in parts) or nav is None or nav != own.closing.at.worth.amount:
        return own
    by_rates = total(
        None if one.plain is None or one.gain is None else one.plain - one.gain
        for one in parts
        if one.is_elsewhere
    )
    gain = None if own.plain is None or by_rates is None else own.plain - by_rates
    return _Span(own.closing, own.plain, gain, True, any(one.is_rate_missing for one in parts))


def _rows(ledger: Ledger, vehicle: Vehicle, investor_id: str | None, one: _Span) -> Iterator[Row]:
    closing, own, to = one.closing, vehicle.currency_code, ledger.book.currency_code
    paid, back, charged = moved(closing.at, closing.before.at if closing.before else None)
    is_missing = closing.at.is_rate_missing or one.is_rate_missing
    about = {"vehicle_id": vehicle.vehicle_id, "investor_id": investor_id, "quarter": closing.quarter}
    nav = closing.at.worth.amount
    yield {
        **about,
        **_row(closing, own, "vehicle", (closing.opening, paid, back, charged, one.gain, nav), is_missing),
    }
    if own == to:
        return
    flows = _flows(ledger, vehicle, investor_id, closing)
    opened_on = closing.before.closing_on if closing.before else closing.closing_on

    def at_own_days(wanted: Sequence[Flow]) -> Money:
        return total(ledger.markets.convert(flow.amount, flow.currency_code, to, flow.on) for flow in wanted)

    told = (
        _told(ledger, closing.opening, own, to, opened_on),
        at_own_days([flow for flow in flows if flow.kind == "contribution"]),
        at_own_days([flow for flow in flows if flow.kind == "distribution"]),
        at_own_days([flow for flow in flows if not flow.is_investor_cash]),
        _told(ledger, one.gain, own, to, closing.closing_on),
        _told(ledger, nav, own, to, closing.closing_on),
    )
    is_missing = is_missing or at_own_days(flows) is None
    is_missing = is_missing or any(
        ledger.markets.convert(Fraction(1), own, to, day) is None for day in (opened_on, closing.closing_on)
    )
    yield {**about, **_row(closing, to, "tenant", told, is_missing)}


def _row(
    closing: Closing,
    currency_code: str,
    basis: str,
    told: tuple[Money, Money, Money, Money, Money, Money],
    is_missing: bool,
) -> Row:
    opening, paid, back, charged, gain, nav = told
    change = change_beyond(opening, paid, back, charged, nav)
    return {
        "currency_code": currency_code,
        "currency_basis": basis,
        "closing_on": closing.closing_on,
        "contributions_amount": paid,
        "distributions_amount": back,
        "fees_amount": charged,
        "fx_amount": None if change is None or gain is None else change - gain,
        "gain_amount": gain,
        "closing_amount": nav,
        "closing_nav_status": closing.at.worth.status,
        "fx_status": "missing_rate" if is_missing else "ok",
    }
