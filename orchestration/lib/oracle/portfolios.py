"""All positions of an investor together, told in a currency (DECISIONLOG, Currency and Constant currency)."""

from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.book import Book, Vehicle
from orchestration.lib.oracle.questions import Answers, Made, filed, multiples
from orchestration.lib.oracle.rate_of_return import rate_of_return
from orchestration.lib.oracle.standing import Ledger, Money, Standing, Worth, quarter_ends, signed, total
from orchestration.lib.oracle.without_facility import is_draw_unconverted, without_facility

Positions = dict[str, dict[str, dict[date, Standing]]]
"""Investor, vehicle, date: where the one stands in the other."""


def portfolio(
    ledger: Ledger,
    investor_id: str,
    positions: dict[str, dict[date, Standing]],
    to: str,
    rate_on: date | None = None,
) -> Answers:
    """An investor's positions at all its dates, told in a currency: cash at the rate of its day, the rest at
    the date's; where `rate_on` is given, all at that day's."""
    dates = {day for dated in positions.values() for day in dated}
    found: Answers = {}
    for as_of in sorted(day for day in dates if day == max(dates) or day in quarter_ends(day, day)):
        shown = {
            vehicle_id: max(day for day in dated if day <= as_of)
            for vehicle_id, dated in positions.items()
            if min(dated) <= as_of
        }
        made = _at(ledger, investor_id, positions, shown, as_of, to, rate_on)
        found |= filed(made, ("investor", investor_id, as_of, None))
    return found


def told_currencies(book: Book, investor_id: str) -> list[str]:
    """The tenant's, those of the vehicles that the investor has anything with, the one in the register and
    those that people of the investor chose."""
    touched = {item.vehicle_id for item in book.commitments if item.investor_id == investor_id}
    touched |= {flow.vehicle_id for flow in book.flows if flow.investor_id == investor_id}
    touched |= {value.vehicle_id for value in book.values if value.investor_id == investor_id}
    told = {book.vehicles[key].currency_code for key in touched} | {book.currency_code}
    investor = book.investors.get(investor_id)
    if investor and investor.reporting_currency_code:
        told.add(investor.reporting_currency_code)
    return sorted(told | book.told_in(investor_id))


def value_at_one_day(
    ledger: Ledger, vehicle: Vehicle, investor_id: str | None, worth: Worth, as_of: date, to: str, day: date
) -> Money:
    """A value at one day's rates: as it was told, and the cash since, each at its own currency's."""
    if worth.amount is None or worth.status == "closed":
        return worth.amount
    if worth.is_of_investors:
        _, investors = ledger.vehicle(vehicle, as_of)
        holders = sorted(ledger.holders(vehicle))
        return total(
            value_at_one_day(ledger, vehicle, key, one.worth, as_of, to, day)
            for key, one in zip(holders, investors, strict=True)
            if one.worth.amount is not None
        )
    (told,) = (
        value
        for value in ledger.values_of(vehicle)
        if (value.investor_id or None, value.on) == (investor_id, worth.valued_on) and not value.holding_id
    )
    since = [
        signed(flow, ledger.markets.convert(flow.amount, flow.currency_code, to, day))
        for flow in ledger.flows_of(vehicle)
        if flow.is_investor_cash and told.on < flow.on <= as_of and investor_id in (None, flow.investor_id)
    ]
    moved = total(since)
    value = ledger.markets.convert(told.amount, told.currency_code, to, day) if told.amount else Fraction(0)
    return None if value is None or moved is None else value - moved


def _at(
    ledger: Ledger,
    investor_id: str,
    positions: dict[str, dict[date, Standing]],
    shown: dict[str, date],
    as_of: date,
    to: str,
    rate_on: date | None,
) -> list[Made]:
    held = {vehicle_id: positions[vehicle_id][day] for vehicle_id, day in shown.items()}

    def told(vehicle_id: str, amount: Money) -> Money:
        currency = ledger.book.vehicles[vehicle_id].currency_code
        return None if amount is None else ledger.markets.convert(amount, currency, to, rate_on or as_of)

    def valued(vehicle_id: str, one: Standing) -> Money:
        if rate_on is None:
            return told(vehicle_id, one.worth.amount) if one.worth.amount else one.worth.amount
        vehicle = ledger.book.vehicles[vehicle_id]
        return value_at_one_day(ledger, vehicle, investor_id, one.worth, shown[vehicle_id], to, rate_on)

    commitment = total(told(key, one.commitment) for key, one in held.items())
    unfunded = total(told(key, one.unfunded) for key, one in held.items())
    is_uncommitted = any(one.unfunded_status == "no_commitment" for one in held.values())
    unfunded_status = "no_commitment" if is_uncommitted else "missing_rate" if unfunded is None else "ok"
    nav = total(Fraction(0) if _holds_nothing(one) else valued(key, one) for key, one in held.items())
    flows = [
        flow
        for flow in ledger.book.flows
        if flow.investor_id == investor_id and flow.is_investor_cash and flow.on <= as_of
    ]
    cash = [
        (flow, ledger.markets.convert(flow.amount, flow.currency_code, to, rate_on or flow.on))
        for flow in flows
    ]
    paid = total(amount for flow, amount in cash if flow.kind == "contribution")
    back = total(amount for flow, amount in cash if flow.kind == "distribution")
    is_missing = any(
        (one.is_value_rate_missing if rate_on else one.is_rate_missing)
        or told(key, Fraction(1)) is None
        or (one.worth.amount is not None and valued(key, one) is None)
        for key, one in held.items()
    )
    is_missing = is_missing or any(amount is None for _, amount in cash)
    is_missing = is_missing or is_draw_unconverted(ledger, to, flows, rate_on)
    fx = "missing_rate" if is_missing else "ok"
    known = [(flow.on, amount) for flow, item in cash if (amount := signed(flow, item)) is not None]
    rate = None
    if nav is not None and len(known) == len(cash):
        rate = rate_of_return([*known, (as_of, nav)])
    status = "no_flows" if not cash else rate.status if rate else None
    return [
        ("commitment_amount", commitment, "money", fx),
        ("contributed_amount", paid, "money", fx),
        ("distributed_amount", back, "money", fx),
        ("nav_amount", nav, "money", fx),
        ("unfunded_amount", unfunded, "money", unfunded_status),
        *multiples(paid, back, nav, commitment, fx, fx),
        ("irr", rate.value if rate else None, "fraction", status),
        ("period_return", rate.period_return if rate else None, "fraction", status),
        ("vehicles", Fraction(len(held)), "count", None),
        *without_facility(ledger, to, flows, nav, as_of, rate_on),
    ]


def _holds_nothing(one: Standing) -> bool:
    return not one.flows and one.worth.status == "missing"
