"""The marts of rounds row by row: progress, collections, and the way through the stages (METRICS 12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from statistics import median

from orchestration.lib.oracle.book import Move, Payment, Vehicle
from orchestration.lib.oracle.questions import Row, Table, ratio, table
from orchestration.lib.oracle.rounds import (
    STAGES,
    days_between,
    kept_of,
    paths,
    round_answers,
    spoken_amount,
)
from orchestration.lib.oracle.standing import Ledger, Money, total

CHANCES = dict(zip(STAGES, map(Fraction, ("0.05", "0.15", "0.4", "0.75", "1", "0")), strict=True))
"""The odds that an investor at a stage commits: the project's own (dbt_project.yml, stage_probability)."""
_DECIDED = ("committed", "passed")
_PROGRESS = (
    "target_amount", "hard_cap_amount", "soft_circled_amount", "signed_amount", "funded_amount",
    "collected_amount",
    "committed_amount", "committed_pct", "investors", "committed_investors",
)  # fmt: skip
_COLLECTED = ("committed_amount", "paid_amount", "outstanding_amount", "attempts")
_FUNNEL = ("entered", "advanced", "passed", "open", "conversion_rate", "median_days_to_advance")
_PIPELINE = (
    "investors", "amount", "weighted_amount", "probability", "investors_without_amount",
    "median_days_in_stage",
)  # fmt: skip


@dataclass(frozen=True)
class _Stay:
    """An investor at a stage: since when (None: not seen to enter) and when a further one was reached."""

    stage: str
    entered_at: datetime | None
    advanced_at: datetime | None
    ended_at: str


def round_tables(ledger: Ledger) -> Iterator[Table]:
    """Every mart of rounds that holds a number."""
    vehicles = ledger.book.vehicles.values()
    yield table("rpt_commitment_progress", ("vehicle_id",), _PROGRESS, _progress(ledger))
    yield table("rpt_collections", ("commitment_id",), _COLLECTED, _collections(ledger))
    ways = {one.vehicle_id: paths(ledger, one) for one in vehicles}
    stays = [row for one in vehicles for row in _transitions(one, ways[one.vehicle_id])]
    yield table("fct_stage_transitions", ("vehicle_id", "event_id"), ("days_in_stage", "move_number"), stays)
    yield table(
        "rpt_funnel", ("vehicle_id", "stage"), _FUNNEL,
        (row for one in vehicles for row in _funnel(one, ways[one.vehicle_id])),
    )  # fmt: skip
    yield table(
        "rpt_pipeline", ("vehicle_id", "stage"), _PIPELINE,
        (row for one in vehicles for row in _pipeline(ledger, one, ways[one.vehicle_id])),
    )  # fmt: skip


def _progress(ledger: Ledger) -> list[Row]:
    rows: dict[str, dict[str, Fraction | float | None]] = {}
    for vehicle_id, metric, value, _ in round_answers(ledger):
        rows.setdefault(vehicle_id, {})[metric] = value
    for vehicle_id, row in rows.items():
        promises = [item for item in ledger.book.commitments if item.vehicle_id == vehicle_id]
        row["investors"] = len({item.investor_id for item in promises if item.status != "cancelled"})
        bound = {item.investor_id for item in promises if item.status in ("signed", "funded")}
        row["committed_investors"] = len(bound)
    return [{"vehicle_id": vehicle_id, **row} for vehicle_id, row in rows.items()]


def _collections(ledger: Ledger) -> Iterator[Row]:
    for promise in ledger.book.commitments:
        if promise.status not in ("signed", "funded"):
            continue
        tries = [pay for pay in ledger.book.payments if pay.commitment_id == promise.commitment_id]
        kept = kept_of(ledger, promise, tries)
        yield {
            "commitment_id": promise.commitment_id,
            "committed_amount": promise.amount,
            "paid_amount": kept,
            "outstanding_amount": None if kept is None else promise.amount - kept,
            "attempts": _attempts(tries),
        }


def _attempts(tries: list[Payment]) -> int:
    """Payments but refunds of something held, or the highest number that a source gives one."""
    held, counted = Fraction(0), 0
    for pay in sorted(tries, key=lambda item: (item.at, _takes_back(item), item.payment_id)):
        if not (_takes_back(pay) and held > 0):
            counted += 1
        if pay.status == "succeeded":
            held += pay.amount
        elif _takes_back(pay):
            held = max(held - pay.amount, Fraction(0))
    return max([counted, *(pay.attempt for pay in tries if pay.attempt)])


def _takes_back(pay: Payment) -> bool:
    return pay.status == "refunded" and not pay.was_tried


def _left(before: Move | None, move: Move) -> str | None:
    """The stage that a move leaves: as told, else where the one before led."""
    return move.from_stage or (before.to_stage if before else None)


def _transitions(vehicle: Vehicle, ways: list[list[Move]]) -> Iterator[Row]:
    for path in ways:
        for number, move in enumerate(path, start=1):
            before = path[number - 2] if number > 1 else None
            is_seen = before is not None and _left(before, move) == before.to_stage
            yield {
                "vehicle_id": vehicle.vehicle_id,
                "event_id": move.event_id,
                "move_number": number,
                "days_in_stage": days_between(before.at, move.at) if before and is_seen else None,
                "from_stage": _left(before, move),
                "to_stage": move.to_stage,
            }


def _stays(path: list[Move]) -> Iterator[_Stay]:
    """Each stage that a move names as where it came from or led to, once: from when it was first held."""
    held: dict[str, tuple[int, datetime | None]] = {}
    for number, move in enumerate(path):
        left = _left(path[number - 1] if number else None, move)
        if left:
            held.setdefault(left, (2 * number - 1, None))
        held.setdefault(move.to_stage, (2 * number, move.at))
    for stage, (since, entered_at) in held.items():
        further = [
            move.at
            for number, move in enumerate(path)
            if 2 * number > since
            and move.to_stage != "passed"
            and STAGES.index(move.to_stage) > STAGES.index(stage)
        ]
        yield _Stay(stage, entered_at, min(further, default=None), path[-1].to_stage)


def _funnel(vehicle: Vehicle, ways: list[list[Move]]) -> Iterator[Row]:
    stays = [stay for path in ways for stay in _stays(path)]
    for stage in STAGES if ways else ():
        here = [stay for stay in stays if stay.stage == stage]
        stuck = [stay for stay in here if stay.advanced_at is None]
        advanced = len(here) - len(stuck)
        days = [
            days_between(one.entered_at, one.advanced_at)
            for one in here
            if one.entered_at and one.advanced_at
        ]
        yield {
            "vehicle_id": vehicle.vehicle_id,
            "stage": stage,
            "entered": len(here),
            "advanced": None if stage in _DECIDED else advanced,
            "passed": sum(stay.ended_at == "passed" for stay in stuck),
            "open": sum(stay.ended_at not in _DECIDED for stay in stuck),
            "conversion_rate": None if stage in _DECIDED else ratio(Fraction(advanced), Fraction(len(here))),
            "median_days_to_advance": median(days) if days else None,
        }


def _pipeline(ledger: Ledger, vehicle: Vehicle, ways: list[list[Move]]) -> Iterator[Row]:
    left = [row for row in _transitions(vehicle, ways) if row["from_stage"] != row["to_stage"]]
    for stage in STAGES if ways else ():
        here = [spoken_amount(ledger, vehicle, path) for path in ways if path[-1].to_stage == stage]
        amount: Money = total(one for one, is_spoken in here if is_spoken)
        days = [
            float(row["days_in_stage"])  # type: ignore[arg-type]
            for row in left
            if row["from_stage"] == stage and row["days_in_stage"] is not None
        ]
        yield {
            "vehicle_id": vehicle.vehicle_id,
            "stage": stage,
            "investors": len(here),
            "amount": amount,
            "weighted_amount": None if amount is None else amount * CHANCES[stage],
            "probability": CHANCES[stage],
            "investors_without_amount": sum(one is None for one, _ in here),
            "median_days_in_stage": median(days) if days else None,
        }
