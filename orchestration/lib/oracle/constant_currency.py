"""Figures as if every exchange rate had stood still: all at the rates of one day (DECISIONLOG)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.answers import Computed
from orchestration.lib.oracle.book import Vehicle
from orchestration.lib.oracle.portfolios import portfolio, told_currencies, value_at_one_day
from orchestration.lib.oracle.questions import Answer, Question, Row, Table, ratio, table
from orchestration.lib.oracle.rate_of_return import rate_of_return
from orchestration.lib.oracle.standing import Ledger, Standing, signed, total

_FIGURES = ("contributed_amount", "distributed_amount", "nav_amount", "dpi", "tvpi", "irr", "irr_status")
_OF_PORTFOLIO = (*_FIGURES[:-1], "vehicles", "irr_without_facility", "tvpi_without_facility")


def constant_currency_tables(found: Computed) -> Iterator[Table]:
    """Positions and vehicles, and whole portfolios, in the tenant's currency at its newest day's rates."""
    columns = ("currency_code", "rate_on", "has_foreign_amounts", *_FIGURES, "nav_status", "fx_status")
    rows = [*_positions(found), *_vehicles(found)] if found.now else []
    yield table("fct_constant_currency", ("vehicle_id", "investor_id", "as_of"), columns, rows)
    columns = ("rate_on", "vehicles", *_FIGURES, "irr_without_facility", "tvpi_without_facility", "fx_status")
    yield table(
        "rpt_portfolio_constant_currency",
        ("investor_id", "currency_code", "as_of"),
        columns,
        _portfolios(found, found.now) if found.now else (),
    )


def _positions(found: Computed) -> Iterator[Row]:
    for investor_id, held_in in found.positions.items():
        for vehicle_id, dated in held_in.items():
            for as_of, at in dated.items():
                yield _row(found, vehicle_id, investor_id, as_of, at)


def _vehicles(found: Computed) -> Iterator[Row]:
    for vehicle_id, dated in found.vehicles.items():
        for as_of, member in dated.items():
            yield _row(found, vehicle_id, None, as_of, member.standing)


def _row(found: Computed, vehicle_id: str, investor_id: str | None, as_of: date, at: Standing) -> Row:
    ledger, to = found.ledger, found.ledger.book.currency_code
    now = found.now or as_of
    vehicle = ledger.book.vehicles[vehicle_id]
    flows = [
        flow
        for flow in ledger.flows_of(vehicle)
        if flow.is_investor_cash and flow.on <= as_of and investor_id in (None, flow.investor_id)
    ]
    cash = [(flow, ledger.markets.convert(flow.amount, flow.currency_code, to, now)) for flow in flows]
    paid = total(amount for flow, amount in cash if flow.kind == "contribution")
    back = total(amount for flow, amount in cash if flow.kind == "distribution")
    nav = value_at_one_day(ledger, vehicle, investor_id, at.worth, as_of, to, now)
    own = ledger.markets.convert(Fraction(1), vehicle.currency_code, to, now)
    is_mixed = _is_mixed(ledger, vehicle)
    if is_mixed:
        known = [(flow.on, amount) for flow, item in cash if (amount := signed(flow, item)) is not None]
        is_known = nav is not None and len(known) == len(cash)
        rate = rate_of_return([*known, (as_of, nav or Fraction(0))]) if is_known else None
        status = "no_flows" if not cash else rate.status if rate else None
        irr = rate.value if rate else None
    else:
        # one rate moves every amount alike: the rate of return is that of the vehicle's own currency
        entity = ("investor", investor_id) if investor_id else ("vehicle", vehicle_id)
        answer = found.answers[Question("irr", *entity, as_of, vehicle_id)]
        irr, status = answer.value, answer.status  # type: ignore[assignment]
    is_missing = own is None or any(amount is None for _, amount in cash) or at.is_value_rate_missing
    is_missing = is_missing or (at.worth.amount is not None and nav is None)
    together = None if back is None or nav is None else back + nav
    return {
        "vehicle_id": vehicle_id,
        "investor_id": investor_id,
        "as_of": as_of,
        "currency_code": to,
        "rate_on": now,
        "has_foreign_amounts": is_mixed,
        "contributed_amount": paid,
        "distributed_amount": back,
        "nav_amount": nav,
        "dpi": ratio(back, paid),
        "tvpi": ratio(together, paid),
        "irr": irr,
        "irr_status": status,
        "nav_status": at.worth.status,
        "fx_status": "missing_rate" if is_missing else "ok",
    }


def _is_mixed(ledger: Ledger, vehicle: Vehicle) -> bool:
    """Whether investors' cash or a value ever came in another currency than the vehicle's."""
    return any(
        flow.is_investor_cash and flow.currency_code != vehicle.currency_code
        for flow in ledger.flows_of(vehicle)
    ) or any(
        value.currency_code != vehicle.currency_code and not value.holding_id
        for value in ledger.values_of(vehicle)
    )


def _portfolios(found: Computed, now: date) -> Iterator[Row]:
    """In each currency that they are told in; a portfolio to which nothing is foreign is as it is."""
    ledger, book = found.ledger, found.ledger.book
    for investor_id, held_in in found.positions.items():
        inside = {book.vehicles[key].currency_code for key in held_in}
        inside |= {
            flow.currency_code
            for flow in book.flows
            if flow.investor_id == investor_id and flow.is_investor_cash
        }
        inside |= {
            value.currency_code
            for value in book.values
            if value.investor_id == investor_id and not value.holding_id
        }
        for to in told_currencies(book, investor_id):
            places: dict[date, dict[str, Answer]] = defaultdict(dict)
            told = portfolio(ledger, investor_id, held_in, to, now if inside != {to} else None)
            for question, answer in told.items():
                places[question.as_of][question.metric] = answer
            for as_of, known in places.items():
                yield {
                    "investor_id": investor_id,
                    "currency_code": to,
                    "as_of": as_of,
                    "rate_on": now,
                    "irr_status": known["irr"].status,
                    "fx_status": known["contributed_amount"].status,
                    **{name: known[name].value for name in _OF_PORTFOLIO},
                }
