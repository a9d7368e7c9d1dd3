"""Management fees that accrue by an agreement, fees charged, and carry on the value held (METRICS 8)."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from orchestration.lib.oracle.book import Terms, Vehicle
from orchestration.lib.oracle.carry import carry_on, year_fraction
from orchestration.lib.oracle.holdings import Held
from orchestration.lib.oracle.questions import Answers, Asked, Made, filed
from orchestration.lib.oracle.standing import Ledger, Money, Standing, total

Dated = list[tuple[date, Standing, list[Held]]]
"""A vehicle at each of its dates, rising."""


def fee_and_carry_answers(ledger: Ledger, vehicle: Vehicle, dated: Dated, beside: Answers) -> Answers:
    """Nothing of a vehicle whose terms are not known. A period's fee runs from the date before."""
    terms = ledger.book.terms.get(vehicle.vehicle_id)
    found: Answers = {}
    if terms is None:
        return found
    before: tuple[date, Standing, list[Held]] | None = None
    accrued: Money = Fraction(0)
    for as_of, at, held in dated:
        fx = "missing_rate" if at.is_rate_missing else "ok"
        fee, status = _fee(ledger, vehicle, terms, before, (as_of, at, held))
        accrued = None if accrued is None or fee is None else accrued + fee
        made: list[Made] = [
            ("management_fee_amount", fee, "money", status),
            ("management_fee_accrued_amount", accrued, "money", status),
            ("management_fee_charged_amount", _charged(ledger, vehicle, as_of), "money", fx),
            *_carry(terms, at, as_of),
        ]
        ask: Asked = ("vehicle", vehicle.vehicle_id, as_of, vehicle.vehicle_id)
        found |= filed(made, ask)
        beside |= filed(_in_force(ledger, vehicle, terms, before, (as_of, at, held)), ask)
        before = (as_of, at, held)
    return found


def _fee(
    ledger: Ledger,
    vehicle: Vehicle,
    terms: Terms,
    before: tuple[date, Standing, list[Held]] | None,
    now: tuple[date, Standing, list[Held]],
) -> tuple[Money, str]:
    as_of, at, _ = now
    if terms.fee_rate is None or terms.fee_base is None:
        return None, "no_fee_terms"
    if at.is_rate_missing:
        return None, "missing_rate"
    start, step = _start_and_step(ledger, vehicle, terms, before, as_of)
    fee = Fraction(0)
    for rate, base, since, until in (
        (terms.fee_rate, terms.fee_base, start, step),
        (terms.fee_rate_after, terms.fee_base_after, max(start, step), as_of),
    ):
        if since < until:
            amount = _base(base, at, before)
            if amount is None:
                return None, "missing_base"
            fee += amount * (rate or 0) * Fraction(year_fraction(terms.day_count, since, until))
    exact = Decimal(fee.numerator) / Decimal(fee.denominator)
    return Fraction(exact.quantize(Decimal("0.01"), ROUND_HALF_UP)), "ok"


def _start_and_step(
    ledger: Ledger,
    vehicle: Vehicle,
    terms: Terms,
    before: tuple[date, Standing, list[Held]] | None,
    as_of: date,
) -> tuple[date, date]:
    """From when a period's fee runs, and the day from which it runs by the later terms."""
    cash = [flow.on for flow in ledger.flows_of(vehicle) if flow.is_investor_cash]
    starts = terms.fee_starts_on or vehicle.first_close_on or vehicle.opened_on or min(cash, default=as_of)
    return max(before[0] if before else date.min, starts), min(terms.fee_step_down_on or date.max, as_of)


def _in_force(
    ledger: Ledger,
    vehicle: Vehicle,
    terms: Terms,
    before: tuple[date, Standing, list[Held]] | None,
    now: tuple[date, Standing, list[Held]],
) -> list[Made]:
    """The rate at the end of a period and what it is a fraction of."""
    start, step = _start_and_step(ledger, vehicle, terms, before, now[0])
    is_later = max(start, step) < now[0]
    rate = terms.fee_rate_after if is_later else terms.fee_rate
    base = terms.fee_base_after if is_later else terms.fee_base
    amount = None if base is None else _base(base, now[1], before)
    return [("fee_rate", rate, "fraction", None), ("fee_base_amount", amount, "money", None)]


def _base(name: str | None, at: Standing, before: tuple[date, Standing, list[Held]] | None) -> Money:
    """Commitments of the date; cost of what is held, or NAV, when the period began: 0 for the first one."""
    if name == "committed":
        return at.commitment
    if before is None:
        return Fraction(0)
    if name == "nav":
        return before[1].worth.amount
    return total(one.invested for one in before[2] if one.is_something and one.worth.status != "closed")


def _charged(ledger: Ledger, vehicle: Vehicle, as_of: date) -> Money:
    return total(
        ledger.amount(vehicle, flow)
        for flow in ledger.flows_of(vehicle)
        if flow.kind == "fee" and flow.on <= as_of and "management_fees" in (flow.purpose, flow.category)
    )


def _carry(terms: Terms, at: Standing, as_of: date) -> list[Made]:
    nav = at.worth.amount
    flows = [(day, amount) for day, amount in at.flows if amount is not None]
    if not terms.carry_rate_stated:
        status = "no_carry_terms"
    elif terms.waterfall != "european":
        status = "deal_by_deal"
    elif at.is_rate_missing:
        status = "missing_rate"
    elif nav is None:
        status = "missing_nav"
    elif nav < 0:
        status = "negative_nav"
    else:
        status = "ok" if flows else "no_flows"
    names = ("carry_distributed_amount", "carry_accrued_amount", "clawback_amount", "nav_after_carry_amount")
    if status != "ok" or nav is None:
        return [(name, None, "money", status) for name in names]
    carry = carry_on(flows, nav, as_of, terms)
    numbers = (carry.distributed, carry.accrued, carry.clawback, carry.to_lps)
    return [(name, number, "money", status) for name, number in zip(names, numbers, strict=True)]
