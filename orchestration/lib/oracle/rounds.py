"""How full a round is and how fast it fills: the commitment metrics, from promises, payments and moves."""

from collections.abc import Callable, Iterator
from datetime import datetime
from fractions import Fraction
from itertools import groupby
from statistics import median

from orchestration.lib.oracle.book import Commitment, Move, Payment, Vehicle
from orchestration.lib.oracle.standing import Ledger, Money, total

STAGES = ("contacted", "meeting", "dd", "term_sheet", "committed", "passed")
Found = tuple[str, str, Fraction | float | None, str]


def round_answers(ledger: Ledger) -> Iterator[Found]:
    """Vehicle, metric, value, unit."""
    for vehicle in ledger.book.vehicles.values():
        yield from _progress(ledger, vehicle)
        ways = paths(ledger, vehicle)
        if ways:
            yield from _velocity(ledger, vehicle, ways)


def paths(ledger: Ledger, vehicle: Vehicle) -> list[list[Move]]:
    """Each investor's moves in order of time; those of one instant in the order of the stages they leave."""
    moves = [move for move in ledger.book.moves if move.vehicle_id == vehicle.vehicle_id]
    ordered = sorted(
        moves,
        key=lambda item: (
            item.investor_id, item.at, _left(item), STAGES.index(item.to_stage), item.event_id,
        ),
    )  # fmt: skip
    return [list(group) for _, group in groupby(ordered, key=lambda item: item.investor_id)]


def spoken_amount(ledger: Ledger, vehicle: Vehicle, path: list[Move]) -> tuple[Money, bool]:
    """The amount last spoken of, in the vehicle's currency at the rate of that day, and whether any was."""
    for move in reversed(path):
        if move.amount is not None:
            code, day = move.currency_code or vehicle.currency_code, move.at.date()
            return ledger.markets.convert(move.amount, code, vehicle.currency_code, day), True
    return None, False


def _progress(ledger: Ledger, vehicle: Vehicle) -> Iterator[Found]:
    promises = [item for item in ledger.book.commitments if item.vehicle_id == vehicle.vehicle_id]
    latest = ledger.latest(vehicle)

    def in_vehicle(item: Commitment) -> Money:
        day = item.signed_on or latest
        if day is None:
            return item.amount if item.currency_code == vehicle.currency_code else None
        return ledger.markets.convert(item.amount, item.currency_code, vehicle.currency_code, day)

    soft, signed, funded = (
        total(in_vehicle(item) for item in promises if item.status == status)
        for status in ("soft_circled", "signed", "funded")
    )
    committed = None if signed is None or funded is None else signed + funded
    share = None if committed is None or not vehicle.target_amount else committed / vehicle.target_amount
    key = vehicle.vehicle_id
    yield key, "target_amount", vehicle.target_amount, "money"
    yield key, "hard_cap_amount", vehicle.hard_cap_amount, "money"
    yield key, "soft_circled_amount", soft, "money"
    yield key, "signed_amount", signed, "money"
    yield key, "funded_amount", funded, "money"
    yield key, "collected_amount", _collected(ledger, vehicle, promises, in_vehicle), "money"
    yield key, "committed_amount", committed, "money"
    yield key, "committed_pct", share, "fraction"


def _collected(
    ledger: Ledger, vehicle: Vehicle, promises: list[Commitment], in_vehicle: Callable[[Commitment], Money]
) -> Money:
    """What payments brought and kept, in the vehicle's currency; without payments: cash less refunds."""
    paid = {
        item.commitment_id: [pay for pay in ledger.book.payments if pay.commitment_id == item.commitment_id]
        for item in promises
    }
    if any(paid.values()):
        parts: list[Money] = []
        for item in promises:
            kept, whole = kept_of(ledger, item, paid[item.commitment_id]), in_vehicle(item)
            if paid[item.commitment_id]:
                parts.append(None if kept is None or whole is None else kept * whole / item.amount)
        return total(parts)
    cash = [
        (flow, ledger.amount(vehicle, flow))
        for flow in ledger.flows_of(vehicle)
        if flow.investor_id and flow.kind in ("contribution", "payment", "refund")
    ]
    return total(
        None if amount is None else -amount if flow.kind == "refund" else amount for flow, amount in cash
    )


def kept_of(ledger: Ledger, promise: Commitment, payments: list[Payment]) -> Money:
    """Successes less refunds, which take back what came before them and never more, in order of time."""
    kept = Fraction(0)
    moves = [
        pay
        for pay in payments
        if pay.status == "succeeded" or (pay.status == "refunded" and not pay.was_tried)
    ]
    for pay in sorted(moves, key=lambda item: (item.at, item.status == "refunded", item.payment_id)):
        amount = ledger.markets.convert(pay.amount, pay.currency_code, promise.currency_code, pay.at.date())
        if amount is None:
            return None
        kept = kept + amount if pay.status == "succeeded" else max(kept - amount, Fraction(0))
    return kept


def _velocity(ledger: Ledger, vehicle: Vehicle, ways: list[list[Move]]) -> Iterator[Found]:
    won = [path for path in ways if path[-1].to_stage == "committed"]
    lost = [path for path in ways if path[-1].to_stage == "passed"]
    spoken = [spoken_amount(ledger, vehicle, path) for path in won]
    amounts = [amount for amount, is_spoken in spoken if is_spoken]
    won_amount = total(amounts)
    days = [days_between(path[0].at, path[-1].at) for path in won if len(path) > 1]
    to_close = median(days) if days else None
    average = None if won_amount is None or not won else won_amount / len(won)
    ended = len(won) + len(lost)
    rate = Fraction(len(won), ended) if ended else None
    speed = None
    if average is not None and rate is not None and to_close:
        speed = len(ways) * float(average) * float(rate) / to_close
    key = vehicle.vehicle_id
    yield key, "opportunities", Fraction(len(ways)), "count"
    yield key, "won", Fraction(len(won)), "count"
    yield key, "lost", Fraction(len(lost)), "count"
    yield key, "open", Fraction(len(ways) - ended), "count"
    yield key, "win_rate", rate, "fraction"
    yield key, "won_amount", won_amount, "money"
    yield key, "average_won_amount", average, "money"
    yield key, "median_days_to_close", to_close, "days"
    yield key, "velocity_per_day", speed, "money"


def _left(move: Move) -> int:
    return 1 + STAGES.index(move.from_stage) if move.from_stage else 0


def days_between(first: datetime, last: datetime) -> float:
    """With their fraction."""
    return (last - first).total_seconds() / 86400
