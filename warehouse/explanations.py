"""Explains one number of a person's marts: its inputs, each with file and row, and the number computed again.

Everything is read in the person's own session, so an explanation holds nothing that they may not see. Names
and formulas come from the metric register, which callers pass in. The second computation starts from the
rows of `fct_cash_flows` and `fct_valuations`, not from the mart that is explained, so that agreement means
something.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from warehouse.errors import WarehouseError
from warehouse.explanation_sql import FLOWS, FLOWS_THAT_COUNT, PROMISES, RECOMPUTED, VALUES, computed_again
from warehouse.sessions import Reader

RELATIVE_TOLERANCE = 1e-9
"""How far two computations of a rate may lie apart; sums of money must be equal."""

NEED_VALUE = frozenset({"nav_amount", "rvpi", "tvpi", "irr", "ks_pme", "direct_alpha"})
NEED_COMMITMENT = frozenset({"commitment_amount", "unfunded_amount", "pic"})
INDEX_IS_THE_PLATFORMS = "the levels of the index belong to the platform and are not among your rows"
ONLY_READ = {"ks_pme": INDEX_IS_THE_PLATFORMS, "direct_alpha": INDEX_IS_THE_PLATFORMS}
"""Metrics whose inputs are shown but which are not computed again, and why."""

EXPLAINABLE = (*RECOMPUTED, *ONLY_READ)
"""Names of all metrics that `explain` knows."""


class NotExplainable(WarehouseError):
    """The metric, vehicle, investor or date is not there for this person, or no rows stand behind it."""


@dataclass(frozen=True)
class MetricText:
    """What the metric register says of a metric: the question it answers, and in which unit."""

    name: str
    title: str
    question: str
    formula: str
    unit: str


@dataclass(frozen=True)
class Input:
    """One row that the number depends on. `amount` is in the investor's sign: paid in is negative.

    `used_for`: `flow`, `value` (a net asset value) or `commitment`. `row_number` counts the rows of the file
    after its header, from 1.
    """

    used_for: str
    label: str
    investor_id: str | None
    on_date: date | None
    amount: Decimal
    currency_code: str
    source_file: str | None
    row_number: int | None
    batch_id: str | None


@dataclass(frozen=True)
class Explanation:
    """A number, why it is what it is, and the same number computed from its inputs.

    `agrees` is None where it cannot be computed from the inputs here; `reason` then says why, as it does for
    a number that is null.
    """

    metric: MetricText
    vehicle_id: str
    vehicle_name: str
    investor_id: str | None
    as_of: date
    value: Any
    currency_code: str
    status: str | None
    reason: str | None
    inputs: tuple[Input, ...]
    recomputed: Any
    agrees: bool | None
    sql: str


def explain(
    reader: Reader,
    metric: MetricText,
    vehicle_id: str,
    *,
    investor_id: str | None = None,
    as_of: date | None = None,
) -> Explanation:
    """Explains a metric of an investor in a vehicle, or of the vehicle over all its investors.

    `as_of` None is the latest date; another one means the last date on or before it that the mart has. An LP
    who names no investor is answered for the one they see. Raises NotExplainable, with one message for
    unknown and forbidden.
    """
    if metric.name not in EXPLAINABLE:
        raise NotExplainable(
            f"{metric.name!r} cannot be explained row by row; these can: {', '.join(EXPLAINABLE)}"
        )
    investor_id = investor_id or _own_investor(reader, vehicle_id)
    row = _standing(reader, metric.name, vehicle_id, investor_id, as_of)
    params = {
        "vehicle": vehicle_id,
        "investor": investor_id,
        "as_of": row["as_of"],
        "is_latest": row["is_latest"],
        "cancelled": row["cancelled_amount"],
        "is_closed": row["nav_status"] == "closed",
        "valued": row["nav_as_of"] or row["as_of"],
    }
    inputs = _inputs(reader, metric.name, row, params)
    why_not = ONLY_READ.get(metric.name) or _mixed_currencies(inputs, row["currency_code"])
    sql = computed_again(metric.name) if metric.name in RECOMPUTED else ""
    found = reader.one(sql, params) if why_not is None else None
    recomputed = found["value"] if found else None
    return Explanation(
        metric=metric,
        vehicle_id=vehicle_id,
        vehicle_name=row["vehicle_name"],
        investor_id=investor_id,
        as_of=row["as_of"],
        value=row["value"],
        currency_code=row["currency_code"],
        status=row["irr_status"] if metric.name == "irr" else row["nav_status"],
        reason=_why_null(metric.name, row) if row["value"] is None else why_not,
        inputs=inputs,
        recomputed=recomputed,
        agrees=None if why_not else _agree(row["value"], recomputed),
        sql=" ".join(sql.split()),
    )


def _own_investor(reader: Reader, vehicle_id: str) -> str | None:
    """The investor that an LP means when it names none: the first that it sees in that vehicle."""
    if reader.viewer.role != "lp":
        return None
    row = reader.one(
        "select min(investor_id) as own from fct_investor_performance where vehicle_id = %s", (vehicle_id,)
    )
    return (row["own"] if row else None) or reader.viewer.investor_ids[0]


def _standing(
    reader: Reader, metric: str, vehicle_id: str, investor_id: str | None, as_of: date | None
) -> dict[str, Any]:
    mart = "fct_investor_performance" if investor_id else "fct_vehicle_performance"
    of_investor = "and investor_id = %(investor)s" if investor_id else ""
    row = reader.one(
        f"""
        select {metric} as value, as_of, vehicle_name, currency_code, nav_status, nav_as_of, irr_status,
               pme_status, is_latest, fx_reason,
               unfunded_amount - (commitment_amount - called_amount + recallable_amount) as cancelled_amount
          from {mart}
         where vehicle_id = %(vehicle)s {of_investor} and (%(as_of)s::date is null or as_of <= %(as_of)s)
         order by as_of desc limit 1
        """,
        {"vehicle": vehicle_id, "investor": investor_id, "as_of": as_of},
    )
    if row is None:
        of = f" and investor {investor_id!r}" if investor_id else ""
        until = f" on or before {as_of}" if as_of else ""
        raise NotExplainable(f"there is no {metric} of vehicle {vehicle_id!r}{of}{until} that you may see")
    return row


def _inputs(reader: Reader, metric: str, row: dict[str, Any], params: dict[str, Any]) -> tuple[Input, ...]:
    found: list[Input] = []
    if metric in NEED_COMMITMENT:
        found += _commitments(reader, params)
    wanted = FLOWS_THAT_COUNT.get(metric, "true")
    for item in reader.rows(
        f"select * from ({FLOWS}) flow where {wanted} order by effective_on, transaction_id", params
    ):
        label = " ".join(part for part in (item["kind"], item["purpose"]) if part).replace("_", " ")
        found.append(_input("flow", label, item, item["effective_on"], item["amount"]))
    if metric in NEED_VALUE and not params["is_closed"]:
        values = reader.rows(f"select * from ({VALUES}) value order by investor_id", params)
        accounts = [item for item in values if item["investor_id"] is not None]
        for item in accounts or values:
            label = f"net asset value, {item['basis'] or 'reported'}"
            found.append(_input("value", label, item, item["as_of"], item["nav_amount"]))
    return tuple(found)


def _commitments(reader: Reader, params: dict[str, Any]) -> list[Input]:
    rows = reader.rows(f"select * from ({PROMISES}) promise order by commitment_id", params)
    return [_input("commitment", f"commitment, {r['status']}", r, r["signed_on"], r["amount"]) for r in rows]


def _input(used_for: str, label: str, row: dict[str, Any], on_date: date | None, amount: Decimal) -> Input:
    return Input(
        used_for,
        label,
        row["investor_id"],
        on_date,
        amount,
        row["currency_code"],
        row["source_file"],
        row["source_row"],
        row["batch_id"],
    )


def _mixed_currencies(inputs: tuple[Input, ...], currency_code: str) -> str | None:
    others = sorted({item.currency_code for item in inputs} - {currency_code})
    if not others:
        return None
    return f"inputs in {', '.join(others)} were converted to {currency_code} by the platform's dated rates"


def _why_null(metric: str, row: dict[str, Any]) -> str:
    if row["fx_reason"]:
        return str(row["fx_reason"])
    if metric in NEED_VALUE and row["nav_status"] == "missing":
        return "no net asset value was reported on or before this date; missing is not zero"
    if metric in NEED_VALUE and row["nav_status"] == "refused":
        return "the last net asset value, rolled by the flows since, falls below zero"
    if metric == "irr":
        return f"the rate of return is {row['irr_status']}"
    if metric in ONLY_READ:
        return f"the comparison with the market is {row['pme_status']}"
    return "the number it would be divided by is zero"


def _agree(value: Any, recomputed: Any) -> bool:
    if value is None or recomputed is None:
        return value is None and recomputed is None
    if isinstance(value, Decimal):
        return value == Decimal(recomputed)
    return bool(abs(value - recomputed) <= RELATIVE_TOLERANCE * max(1.0, abs(value)))
