# ruff: noqa: E501 - statements read as lines
"""Explains one number of a person's marts: its inputs, each with file and row, and the number computed again.

Everything is read in the person's own session, so an explanation holds nothing that they may not see.
Names, formulas and places come from the metric register, which callers pass in. The second computation starts
from the rows that were loaded, not from the mart that is explained, so that agreement means something.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from warehouse.explanations import reasons, rows
from warehouse.explanations.composing import statement
from warehouse.explanations.families import PARTS, USES, Uses
from warehouse.explanations.standing import (
    CURRENCY,
    FOREVER,
    IDS,
    SCOPES,
    NotExplainable,
    Standing,
    find,
    no_metric,
    scope,
)
from warehouse.known_at import KnownAt
from warehouse.sessions import Reader

__all__ = ["IDS", "Explanation", "Input", "MetricText", "NotExplainable", "explain", "no_metric"]

RELATIVE_TOLERANCE = 1e-9
"""How far two computations of a rate may lie apart."""

CENT = Decimal("0.005")
"""Two sums of money agree where they lie less than this apart."""


@dataclass(frozen=True)
class MetricText:
    """What the metric register says of a metric; `served_by` are the columns that hold it, `mart.column`."""

    name: str
    title: str
    question: str
    formula: str
    unit: str
    served_by: tuple[str, ...]


@dataclass(frozen=True)
class Input:
    """One row that the number depends on. `amount` is in the investor's sign: paid in is negative.

    `used_for`: `flow`, `charge`, `value`, `commitment`, `move`, `payment`, `view`, `contact`, `vehicle`,
    `holding`, `terms`, `rate`, `level` or `setting`. `row_number` counts the rows of the file after its header,
    from 1; a setting has none. Rates and levels are the platform's: `label` says which conversion or day they were used for.
    """

    used_for: str
    label: str
    vehicle_id: str | None
    investor_id: str | None
    on_date: date | None
    amount: Decimal | None
    currency_code: str | None
    source_file: str | None
    row_number: int | None
    batch_id: str | None


@dataclass(frozen=True)
class Explanation:
    """A number, why it is what it is, and the same number computed from its inputs.

    `agrees` is None where it cannot be computed from the inputs here; `reason` then says why, as it does for
    a number that is null. `about`: what the number is of, by id.
    """

    metric: MetricText
    about: Mapping[str, str]
    vehicle_id: str | None
    vehicle_name: str | None
    investor_id: str | None
    place: str
    as_of: date | None
    value: Any
    currency_code: str | None
    status: str | None
    reason: str | None
    inputs: tuple[Input, ...]
    recomputed: Any
    agrees: bool | None
    sql: str


def explain(
    reader: Reader,
    metric: MetricText,
    vehicle_id: str | None = None,
    *,
    investor_id: str | None = None,
    holding_id: str | None = None,
    pool_id: str | None = None,
    stage: str | None = None,
    commitment_id: str | None = None,
    view_id: str | None = None,
    currency_code: str | None = None,
    as_of: date | None = None,
) -> Explanation:
    """Explains a metric of what is named: a vehicle, an investor in it, a portfolio, a pool, a holding …

    `currency_code`: as told in that currency, for a portfolio that is told in several; None is the tenant's.
    `as_of` None is the latest date; another one means the last date on or before it that the mart has. An LP
    who names no investor is answered for the one they see. Raises NotExplainable, with one message for
    unknown and forbidden.
    """
    given = (vehicle_id, investor_id, holding_id, pool_id, stage, commitment_id, view_id)
    about = {name: value for name, value in zip(IDS, given, strict=True) if value is not None}
    if currency_code is not None:
        about[CURRENCY] = currency_code
    if reader.viewer.role == "lp" and investor_id is None:
        about["investor_id"] = _own_investor(reader, vehicle_id)
    standing = find(reader, metric.name, metric.served_by, about, as_of)
    if isinstance(reader, KnownAt) and standing.mart not in reader.versioned:
        raise NotExplainable(
            f"{standing.mart} keeps no history, so {metric.name} cannot be asked as known at a time; ask without it"
        )
    params = scope(reader, standing, about)
    parts = {**PARTS, "movement": rows.OWN_MOVEMENT} if params["investor"] else PARTS
    family = standing.family
    uses = family.inputs.get(standing.column, family.otherwise)
    if family.has_levels:
        _add_payout_days(reader, parts, params)
    inputs: list[Input] = []
    if family.opens_as_published:
        inputs += _opened_as_published(reader, parts, params, standing)
    inputs += _inputs(reader, parts, params, uses) or _inputs(reader, parts, params, family.otherwise)
    reported_in = {one.currency_code for one in inputs if one.used_for == "value" and one.currency_code}
    inputs += _quotes(reader, inputs, params, reported_in if family.opens_as_published else set())
    if family.has_levels or standing.column in ("ks_pme", "direct_alpha"):
        inputs += _levels(reader, inputs, params)
    value = standing.row[standing.column]
    why_not = reasons.not_again(standing)
    again = None
    sql = ""
    if why_not is None:
        sql = statement(parts, f"select {family.figures[standing.column]} as value")
        found = reader.one(sql, params)
        again = found["value"] if found else None
    return Explanation(
        metric=metric,
        about=about,
        vehicle_id=standing.row.get("vehicle_id"),
        vehicle_name=standing.row.get("vehicle_name") or standing.row.get("name"),
        investor_id=standing.row.get("investor_id"),
        place=f"{standing.mart}.{standing.column}",
        as_of=standing.as_of,
        value=value,
        currency_code=standing.row.get("currency_code"),
        status=reasons.status(standing),
        reason=reasons.why_null(standing) if value is None else why_not,
        inputs=tuple(inputs),
        recomputed=again,
        agrees=None if why_not else _agree(value, again),
        sql=" ".join(sql.split()),
    )


def _own_investor(reader: Reader, vehicle_id: str | None) -> str:
    """The investor that an LP means when it names none: the first that it sees in that vehicle."""
    row = reader.one(
        "select min(investor_id) as own from fct_investor_performance where vehicle_id = %s", (vehicle_id,)
    )
    own = reader.viewer.investor_ids[0] if reader.viewer.investor_ids else ""
    return (row["own"] if row else None) or own


def _opened_as_published(
    reader: Reader, parts: Mapping[str, str], params: dict[str, Any], standing: Standing
) -> list[Input]:
    """Adds the opening value and its status as they follow from the rows that were known when it was published.

    Returns those rows where the figure rests on them.
    """
    row = standing.row
    params |= {"published_amount": None, "published_status": None}
    if row["opening_on"] is None or row["opening_published_at"] is None:
        return []
    then = KnownAt(reader, row["opening_published_at"])
    kind = "position" if row["investor_id"] else "vehicle"
    at_opening = {
        "vehicle_id": row["vehicle_id"],
        "investor_id": row["investor_id"],
        "as_of": row["opening_on"],
        "currency_code": params["codes"][0],
    }
    known = SCOPES[kind](then, at_opening, {})
    found = then.one(statement(parts, "select nav_amount, nav_status from total"), known)
    if found:
        params |= {"published_amount": found["nav_amount"], "published_status": found["nav_status"]}
    if standing.column in standing.family.inputs or standing.column == "closing_amount":
        return []
    seen = f", as known at {row['opening_published_at']:%Y-%m-%d %H:%M:%S%z}"
    return [
        replace(one, label=one.label + seen) for one in _inputs(then, parts, known, standing.family.otherwise)
    ]


def _add_payout_days(reader: Reader, parts: Mapping[str, str], params: dict[str, Any]) -> None:
    """Values are wanted after each payout as well as at the date."""
    found = reader.rows(
        statement(
            parts,
            "select distinct vehicle_id, effective_on from flow where kind = 'distribution' order by 1, 2",
        ),
        params,
    )
    days = {(row["vehicle_id"], row["effective_on"]) for row in found}
    days |= set(zip(params["moment_vehicles"], params["moment_ats"], strict=True))
    params["moment_vehicles"] = [vehicle for vehicle, _ in sorted(days)]
    params["moment_ats"] = [day for _, day in sorted(days)]


def _inputs(reader: Reader, parts: Mapping[str, str], params: Mapping[str, Any], uses: Uses) -> list[Input]:
    listed: dict[Input, None] = {}
    for kind, condition in uses:
        query = f"select * from ({USES[kind]} where {condition}) used order by on_date, label, source_file, source_row"
        for row in reader.rows(statement(parts, query), params):
            listed[Input(**{"row_number" if name == "source_row" else name: row[name] for name in row})] = (
                None
            )
    return list(listed)


def _quotes(reader: Reader, inputs: list[Input], params: Mapping[str, Any], told_in: set[str]) -> list[Input]:
    """The platform's rates at which these inputs were converted, with their days; `told_in`: to these too."""
    days = {one.on_date for one in inputs} | {params["as_of"], *params["ats"], *params["latest_ons"]}
    days |= {params["rates_on"]}
    days |= set(params["moment_ats"])
    codes = {*params["codes"], *told_in}
    found = reader.rows(
        """
        select distinct on (from_currency_code, to_currency_code, on_date, quote_currency_code) *
          from fct_rates_used
         where from_currency_code = any(%(from)s) and to_currency_code = any(%(to)s) and on_date = any(%(days)s)
           and (%(investor)s::text is null or investor_id = %(investor)s)
         order by from_currency_code, to_currency_code, on_date, quote_currency_code
        """,
        {
            "from": sorted(codes | {one.currency_code for one in inputs if one.currency_code}),
            "to": sorted(codes | {params["code"]} - {""}),
            "days": sorted(day for day in days if day is not None and day != FOREVER),
            "investor": params["investor"],
        },
    )
    return [
        Input(
            "rate",
            f"{row['base_currency_code']}/{row['quote_currency_code']} of {row['source']}, from "
            f"{row['from_currency_code']} to {row['to_currency_code']} on {row['on_date']}",
            None, None, row["quoted_on"], row["rate"], row["quote_currency_code"],
            row["source_file"], row["source_row"], row["batch_id"],
        )
        for row in found
    ]  # fmt: skip


def _levels(reader: Reader, inputs: list[Input], params: Mapping[str, Any]) -> list[Input]:
    """The levels of the index on the days of these inputs and at the date."""
    found = reader.rows(
        """
        select distinct on (index_code, on_date) *
          from fct_levels_used
         where index_code = any(%(codes)s) and on_date = any(%(days)s)
           and (%(investor)s::text is null or investor_id = %(investor)s)
         order by index_code, on_date
        """,
        {
            "codes": sorted({code for code in params["indexes"] if code}),
            "days": sorted(
                {one.on_date for one in inputs if one.used_for == "flow" and one.on_date} | {*params["ats"]}
            ),
            "investor": params["investor"],
        },
    )
    return [
        Input(
            "level", f"{row['index_code']}, for {row['on_date']}", None, None, row["level_on"], row["level"], None,
            row["source_file"], row["source_row"], row["batch_id"],
        )
        for row in found
    ]  # fmt: skip


def _agree(value: Any, again: Any) -> bool:
    if value is None or again is None:
        return value is None and again is None
    if isinstance(value, Decimal):
        return abs(value - Decimal(again)) < CENT
    return bool(abs(float(value) - float(again)) <= RELATIVE_TOLERANCE * max(1.0, abs(float(value))))
