"""What ILPA's templates are filled from: holders, and the amounts stated of each on lines (METRICS 9.1).

Amounts are in the vehicle's currency, signed by their effect on the holder's wealth. The rules that METRICS
leaves open are those of docs/metrics/ilpa.md.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from math import floor

from orchestration.lib.oracle.book import Allocation, Flow, Vehicle
from orchestration.lib.oracle.capital_accounts import GENERAL_PARTNER, quarter_of
from orchestration.lib.oracle.standing import Ledger, Money, total

RELATED = frozenset(
    ("affiliate", "gp affiliate", "gp_affiliate", "related person", "related_person", "employee", "team")
)
QUARTERS, QUARTERS_WITHOUT_ALLOCATIONS = 12, 1
NEVER_SHARED = (
    "contributions",
    "distributions",
    "partner_transfers",
    "commitment_contributions",
    "commitment_recallable",
)
INCEPTION = date.min
CENTS = 100


@dataclass(frozen=True)
class Holder:
    """Who holds a part of a vehicle; `committed` None: promised, for want of a rate nobody knows how much."""

    investor_id: str
    is_general_partner: bool
    is_affiliated: bool
    committed: Money


@dataclass(frozen=True)
class Stated:
    """An amount of a holder (None: nobody in particular) on a line; `stated_in` names the row saying it."""

    investor_id: str | None
    stated_in: str
    line: str
    on: date
    amount: Money
    offset_rate: Fraction | None = None
    is_estimate: bool = False


@dataclass(frozen=True)
class Promise:
    """What an investor promised, and from when on it counts: the first of its promises since inception."""

    investor_id: str
    counts_from: date
    is_cancelled: bool
    amount: Money


@dataclass(frozen=True)
class Fund:
    """A vehicle as the templates see it."""

    vehicle: Vehicle
    has_allocations: bool
    holders: tuple[Holder, ...]
    unsplit: tuple[Stated, ...]
    stated: tuple[Stated, ...]
    promises: tuple[Promise, ...]
    period_ends: tuple[date, ...]

    @cached_property
    def by_holder(self) -> dict[str, list[Stated]]:
        """What is stated of each holder; of nobody in particular under a blank."""
        found: dict[str, list[Stated]] = defaultdict(list)
        for one in self.stated:
            found[one.investor_id or ""].append(one)
        return found


def fund(ledger: Ledger, vehicle: Vehicle, now: date | None) -> Fund:
    """Reads a vehicle's rows for the templates."""
    allocations = [item for item in ledger.book.allocations if item.vehicle_id == vehicle.vehicle_id]
    holders = _holders(ledger, vehicle, allocations)
    as_told = _stated(ledger, vehicle, allocations)
    return Fund(
        vehicle,
        bool(allocations),
        holders,
        tuple(as_told),
        tuple(part for one in as_told for part in _split(one, holders)),
        _promises(ledger, vehicle),
        _period_ends(ledger, vehicle, allocations, now),
    )


def _holders(ledger: Ledger, vehicle: Vehicle, allocations: list[Allocation]) -> tuple[Holder, ...]:
    """Whoever has promised, moved cash, been charged, valued or allocated anything."""
    committed: dict[str, list[Money]] = defaultdict(list)
    for item, amount in _promised(ledger, vehicle):
        if item.status in ("signed", "funded"):
            committed[item.investor_id].append(amount)
    kinds = ("contribution", "distribution", "fee", "expense", "tax")
    others = [flow.investor_id for flow in ledger.flows_of(vehicle) if flow.kind in kinds]
    others += [value.investor_id for value in ledger.values_of(vehicle)]
    others += [item.investor_id for item in allocations]
    found = []
    for investor_id in sorted({*committed, *(key for key in others if key)}):
        investor = ledger.book.investors.get(investor_id)
        if investor is None:
            continue
        is_gp = investor.kind in GENERAL_PARTNER
        is_affiliated = is_gp or investor.kind in RELATED
        found.append(Holder(investor_id, is_gp, is_affiliated, total(committed[investor_id])))
    return tuple(found)


def _promised(ledger: Ledger, vehicle: Vehicle) -> list[tuple]:
    latest = ledger.latest(vehicle)
    found = []
    for item in ledger.book.commitments:
        if item.vehicle_id == vehicle.vehicle_id:
            day = item.signed_on or latest
            if day is None:
                amount: Money = item.amount if item.currency_code == vehicle.currency_code else None
            else:
                amount = ledger.markets.convert(item.amount, item.currency_code, vehicle.currency_code, day)
            found.append((item, amount))
    return found


def _promises(ledger: Ledger, vehicle: Vehicle) -> tuple[Promise, ...]:
    bound = [
        (item, amount)
        for item, amount in _promised(ledger, vehicle)
        if item.status in ("signed", "funded", "cancelled")
    ]
    found = []
    for item, amount in bound:
        mine = [other.signed_on for other, _ in bound if other.investor_id == item.investor_id]
        days = [day for day in mine if day]
        is_first = item.signed_on is None or len(days) < len(mine) or item.signed_on == min(days)
        since = INCEPTION if is_first or item.signed_on is None else item.signed_on
        found.append(Promise(item.investor_id, since, item.status == "cancelled", amount))
    return tuple(found)


def _stated(ledger: Ledger, vehicle: Vehicle, allocations: list[Allocation]) -> list[Stated]:
    """As sources state it: allocations alone say what a fund cost and earned; without any, its cash does."""
    found = [_allocated(ledger, vehicle, item) for item in allocations]
    stated_lines = {item.line for item in allocations}
    for one in list(found):
        offset = one.line.replace("received_", "offset_", 1)
        if one.line.startswith("received_") and one.offset_rate is not None and offset not in stated_lines:
            amount = None if one.amount is None else one.amount * one.offset_rate
            found.append(Stated(one.investor_id, f"o{one.stated_in[1:]}", offset, one.on, amount))
    for flow in ledger.flows_of(vehicle):
        found += _of_cash(flow, ledger.amount(vehicle, flow), not allocations)
    return found


def _allocated(ledger: Ledger, vehicle: Vehicle, item: Allocation) -> Stated:
    amount = ledger.markets.convert(item.amount, item.currency_code, vehicle.currency_code, item.on)
    return Stated(item.investor_id, f"a {item.allocation_id}", item.line, item.on, amount, item.offset_rate)


def _of_cash(flow: Flow, amount: Money, is_costed_by_cash: bool) -> list[Stated]:
    """The lines that a movement of cash stands on."""
    paid = None if amount is None else -amount
    key, who, on = flow.transaction_id, flow.investor_id, flow.on
    found = []
    if flow.kind == "contribution":
        found.append(Stated(who, f"f {key}", "contributions", on, amount))
        if not flow.is_outside_commitment:
            found.append(Stated(who, f"c {key}", "commitment_contributions", on, paid))
    elif flow.kind == "distribution":
        found.append(Stated(who, f"f {key}", "distributions", on, paid))
        if flow.is_recallable:
            found.append(Stated(who, f"c {key}", "commitment_recallable", on, amount))
    elif is_costed_by_cash and flow.kind in ("fee", "expense", "tax"):
        found.append(Stated(who, f"t {key}", flow.category or _cost_line(flow), on, paid))
    elif is_costed_by_cash and flow.kind == "interest" and who is None:
        found.append(Stated(who, f"t {key}", flow.category or "interest_income", on, amount))
    return found


def _cost_line(flow: Flow) -> str:
    if flow.kind == "fee":
        return "management_fees"
    if flow.kind == "tax":
        return "external_taxes"
    return "external_organization" if flow.purpose == "organizational_expenses" else "external_other"


def _split(one: Stated, holders: tuple[Holder, ...]) -> list[Stated]:
    """Of the fund as a whole: by commitment, to the cent by largest remainder. Investors' cash never is."""
    shares = {holder.investor_id: holder.committed for holder in holders if holder.committed != 0}
    whole = total(shares.values())
    if one.investor_id or one.line in NEVER_SHARED or not whole:
        return [one]
    if one.amount is None:
        return [replace(one, investor_id=key, is_estimate=True) for key in shares]
    sign = -1 if one.amount < 0 else 1
    exact = {key: abs(one.amount) * (share or 0) / whole for key, share in shares.items()}
    parts = {key: Fraction(floor(part * CENTS), CENTS) for key, part in exact.items()}
    left = abs(one.amount) - sum(parts.values())
    order = sorted(exact, key=lambda key: (parts[key] - exact[key], key))
    for key in order[: floor(left * CENTS)]:
        parts[key] += Fraction(1, CENTS)
    parts[order[0]] += left - Fraction(floor(left * CENTS), CENTS)
    return [
        replace(one, investor_id=key, amount=sign * part, is_estimate=True) for key, part in parts.items()
    ]


def _period_ends(
    ledger: Ledger, vehicle: Vehicle, allocations: list[Allocation], now: date | None
) -> tuple[date, ...]:
    """Quarters that are over and in which something is known: the newest ones."""
    told = [item.on for item in allocations]
    first = min([flow.on for flow in ledger.flows_of(vehicle)] + told, default=None)
    latest = ledger.latest(vehicle)
    last = max([*told, *([latest] if latest else [])], default=None)
    if vehicle.kind not in ("fund", "spv") or first is None or last is None:
        return ()
    known = max(last, now or last)
    ends = []
    end = quarter_of(first)
    while end <= min(quarter_of(last), known):
        ends.append(end)
        end = quarter_of(end + timedelta(days=1))
    return tuple(ends[-(QUARTERS if allocations else QUARTERS_WITHOUT_ALLOCATIONS) :])


def added(stated: Iterable[Stated], since: date | None, until: date) -> Money:
    """What was stated after one day and until another; None: since inception."""
    return total(one.amount for one in stated if (since is None or one.on > since) and one.on <= until)
