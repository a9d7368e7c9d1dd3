# ruff: noqa: E501 - statements read as lines
"""Where a number stands: the row of a mart that holds it, and whose rows are behind it.

Marts are found by the register's `mart.column`; which of them a person may read, the database says. Nothing
is computed here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from warehouse.errors import WarehouseError
from warehouse.explanations.families import FAMILIES, UNKNOWN, Family, family_of
from warehouse.sessions import Reader

IDS = ("vehicle_id", "investor_id", "holding_id", "pool_id", "stage", "commitment_id", "view_id")
"""What a number can be about; an option of the command line each."""

CURRENCY = "currency_code"
"""What a number may be told in, where a mart has it in several."""

DATES = ("as_of", "quarter", "period_end", "year_ends_on", "to_on")
"""Names of the column that dates a row of a mart; a mart without one has one row for now."""

NARROWED = {
    "fct_vehicle_capital_account": "party = 'total'",
    "rpt_portfolio_constant_currency": "(%(is_told)s or is_in_tenant_currency)",
    "rpt_value_bridge": "(%(is_told)s or currency_basis = 'vehicle') and (%(has_investor)s or investor_id is null)",
}
"""Of marts that show a number in several ways, the one that is explained unless another is asked for: all parties, the vehicle's own currency, the tenant's."""

FOREVER = date(9999, 12, 31)


class NotExplainable(WarehouseError):
    """The metric, or what it is of, is not there for this person."""


@dataclass(frozen=True)
class Standing:
    """The row that holds the number, the mart it is of and the column it stands in."""

    mart: str
    column: str
    row: Mapping[str, Any]
    dated: str | None
    family: Family

    @property
    def as_of(self) -> date | None:
        """Date of the number; None where it is of now."""
        return self.row[self.dated] if self.dated else None


def no_metric(name: str) -> str:
    """What is said of a metric that does not exist, and of one that this person may not see."""
    return f"there is no metric {name!r} that you may see; docs/metrics/register.md lists them"


def find(
    reader: Reader, name: str, served_by: Sequence[str], about: Mapping[str, str], as_of: date | None
) -> Standing:
    """The row that answers. Raises NotExplainable, with one message for unknown and forbidden."""
    columns = _readable(reader, {place.partition(".")[0] for place in served_by})
    places = [place.partition(".")[::2] for place in served_by]
    places = [(mart, column) for mart, column in places if column in columns.get(mart, ())]
    if not places:
        raise NotExplainable(no_metric(name))
    fitting = [(mart, column) for mart, column in places if about.keys() <= columns[mart]]
    fitting.sort(
        key=lambda place: (len((columns[place[0]] & {*IDS}) - about.keys()), place[0] not in FAMILIES)
    )
    ambiguous = ""
    for mart, column in fitting:
        found, dated = _rows(reader, mart, columns[mart], about, as_of)
        if len(found) == 1:
            return Standing(mart, column, found[0], dated, family_of(mart, found[0]))
        if found:
            missing = [one for one in (*IDS, CURRENCY) if one in columns[mart] and one not in about]
            missing = [one for one in missing if len({row[one] for row in found}) > 1]
            ambiguous = ambiguous or (
                f"{name} of {_named(about)} stands in {len(found)} rows of {mart}; say also "
                + " or ".join(f"--{_option(one)}" for one in missing or ["as-of"])
            )
    until = f" on or before {as_of}" if as_of else ""
    raise NotExplainable(ambiguous or f"there is no {name} of {_named(about)}{until} that you may see")


def _named(about: Mapping[str, str]) -> str:
    return " and ".join(f"{_option(one)} {value!r}" for one, value in about.items()) or "nothing named"


def _option(name: str) -> str:
    return name.removesuffix("_id").removesuffix("_code")


def _readable(reader: Reader, marts: set[str]) -> dict[str, set[str]]:
    rows = reader.rows(
        """
        select m.mart, a.attname as name
          from unnest(%s::text[]) as m (mart)
          join pg_attribute a on a.attrelid = to_regclass(m.mart) and a.attnum > 0 and not a.attisdropped
         where has_table_privilege(to_regclass(m.mart), 'select')
        """,
        (sorted(marts),),
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["mart"], set()).add(row["name"])
    return found


def _rows(
    reader: Reader, mart: str, columns: set[str], about: Mapping[str, str], as_of: date | None
) -> tuple[list[dict[str, Any]], str | None]:
    """The rows of the newest date, and the name of the column that dates them; two at most."""
    dated = next((name for name in DATES if name in columns), None)
    if mart == "rpt_pacing":
        dated = "year_ends_on"  # its as_of is the date that it projects from
    wanted = " and ".join([*(f"{one} = %({one})s" for one in about), NARROWED.get(mart, "true")])
    until = f" and (%(until)s::date is null or {dated} <= %(until)s)" if dated else ""
    newest = f" and {dated} = (select max({dated}) from {mart} where {wanted}{until})" if dated else ""
    found = reader.rows(
        f"select * from {mart} where {wanted}{newest} limit 40",
        {**about, "until": as_of, "has_investor": "investor_id" in about, "is_told": CURRENCY in about},
    )
    return found, dated


def scope(reader: Reader, standing: Standing, about: Mapping[str, str]) -> dict[str, Any]:
    """The parameters of the parts: which vehicles, investor and holdings, each at which date."""
    is_new = standing.family is UNKNOWN
    kind = "position" if is_new and standing.row.get("investor_id") else standing.family.about
    return SCOPES[kind](reader, standing.row, about)


def _parameters(
    reader: Reader,
    mart: str,
    at: date,
    code: str,
    *,
    vehicles: Sequence[str] | None = None,
    investor: str | None = None,
    condition: str = "true",
    **more: Any,
) -> dict[str, Any]:
    """Newest standing of each vehicle by the date, as arrays; `mart` is a performance mart."""
    own = "and {}.investor_id = %(investor)s" if investor else ""
    rows = reader.rows(
        f"""
        select distinct on (p.vehicle_id) p.vehicle_id, p.as_of, p.currency_code, p.is_latest,
               (select max(l.as_of) from {mart} l where l.vehicle_id = p.vehicle_id {own.format("l")}) as latest_on,
               (select min(c.as_of) from {mart} c where c.vehicle_id = p.vehicle_id and c.nav_status = 'closed' {own.format("c")}) as closed_from,
               (select max(b.benchmark_code) from {mart.replace("performance", "benchmarks")} b
                 where b.vehicle_id = p.vehicle_id) as index_code
          from {mart} p
         where p.as_of <= %(at)s and (%(vehicles)s::text[] is null or p.vehicle_id = any(%(vehicles)s))
           {own.format("p")} and {condition}
         order by p.vehicle_id, p.as_of desc
        """,
        {"at": at, "vehicles": list(vehicles) if vehicles is not None else None, "investor": investor},
    )
    return {
        **_arrays(rows, investor), "as_of": at, "code": code, **more,
    }  # fmt: skip


def _arrays(rows: Sequence[Mapping[str, Any]], investor: str | None) -> dict[str, Any]:
    vehicles = [row["vehicle_id"] for row in rows]
    ats = [row["as_of"] for row in rows]
    return {
        "vehicles": vehicles,
        "ats": ats,
        "codes": [row["currency_code"] for row in rows],
        "are_latest": [row["is_latest"] for row in rows],
        "latest_ons": [row["latest_on"] for row in rows],
        "closed_froms": [row["closed_from"] for row in rows],
        "indexes": [row["index_code"] for row in rows],
        "moment_vehicles": vehicles,
        "moment_ats": ats,
        "investor": investor,
        "holdings": [],
        "holding_ats": [],
        "stage": None,
        "commitment": None,
        "view": None,
        "since": None,
        "year_since": None,
        "period_ats": [],
        "period_are_known": [],
        "rates_on": None,
        "years_passed": None,
        "year": None,
        "is_of_many": False,
        "is_peers": False,
    }


def _of_position(reader: Reader, row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """One investor in one vehicle. A row of a quarter closes on `closing_on` and opens where the one before closed."""
    at = row.get("closing_on") or row["as_of"]
    found = _parameters(
        reader, "fct_investor_performance", at, row["currency_code"],
        vehicles=[row["vehicle_id"]], investor=row["investor_id"],
    )  # fmt: skip
    if "quarter" in row:
        _open(reader, found, "fct_capital_account", row)
    return found


def _of_vehicle(reader: Reader, row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """All investors of one vehicle, and its holdings."""
    at = row.get("as_of") or row.get("closing_on") or FOREVER
    found = _parameters(
        reader, "fct_vehicle_performance", at, row.get("currency_code") or "", vehicles=[row["vehicle_id"]],
        years_passed=(row.get("years_passed") or 0) - (row.get("year") or 0), year=row.get("year"),
    )  # fmt: skip
    _closings(reader, found)
    held = reader.rows("select holding_id from dim_holding where vehicle_id = %s", (row["vehicle_id"],))
    found["holdings"] = [one["holding_id"] for one in held]
    found["holding_ats"] = [at for _ in held]
    return found


def _of_accounts(reader: Reader, row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """All capital accounts of one vehicle, for a quarter."""
    found = _of_vehicle(reader, row, about)
    _open(reader, found, "fct_vehicle_capital_account", row)
    return found


def _of_bridge(reader: Reader, row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """One investor in one vehicle, or the vehicle, from the day that a quarter opened on to the one it closes on."""
    dated = {name: value for name, value in row.items() if name != "quarter"}
    found = (_of_position if row["investor_id"] else _of_vehicle)(reader, dated, about)
    return {**found, **_since(found, row["opening_on"])}


def _of_agreement(reader: Reader, row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """One vehicle at each of its dates so far, as its fee runs from one to the next."""
    found = _of_vehicle(reader, row, about)
    dates = reader.rows(
        """
        select p.as_of, p.fx_status = 'ok' as is_known, 'nav' in (t.management_fee_base, t.fee_base_after) as is_on_nav
          from fct_vehicle_performance p join dim_vehicle_terms t using (vehicle_id)
         where p.vehicle_id = %s and p.as_of <= %s order by p.as_of
        """,
        (row["vehicle_id"], row["as_of"]),
    )
    found["period_ats"] = [one["as_of"] for one in dates]
    found["period_are_known"] = [one["is_known"] for one in dates]
    if any(one["is_on_nav"] for one in dates):
        found["moment_ats"] = found["period_ats"]
        found["moment_vehicles"] = found["vehicles"] * len(dates)
    return found


def _open(reader: Reader, found: dict[str, Any], mart: str, row: Mapping[str, Any]) -> None:
    """The closing days before the quarter of the row and before its year, from a mart of accounts."""
    own = "and investor_id = %(investor_id)s" if "investor_id" in row else ""
    before = reader.one(
        f"""
        select max(closing_on) as since, max(closing_on) filter (where quarter < %(year)s) as year_since
          from {mart} where vehicle_id = %(vehicle_id)s {own} and quarter < %(quarter)s
        """,
        {**row, "year": row["quarter"].replace(month=1, day=1)},
    )
    if before:
        found |= _since(found, before["since"], before["year_since"])


def _since(found: Mapping[str, Any], since: date | None, year_since: date | None = None) -> dict[str, Any]:
    """Values are wanted on these days too."""
    days = sorted({day for day in (since, year_since) if day})
    return {
        "since": since,
        "year_since": year_since,
        "moment_vehicles": [*found["vehicles"], *(one for one in found["vehicles"] for _ in days)],
        "moment_ats": [*found["ats"], *(day for _ in found["vehicles"] for day in days)],
    }


def _of_portfolio(reader: Reader, row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """One investor over all vehicles; in constant currency at the rates of one day."""
    return {
        **_parameters(
            reader,
            "fct_investor_performance",
            row["as_of"],
            row["currency_code"],
            investor=row["investor_id"],
        ),
        "is_of_many": True,
        "rates_on": row.get("rate_on"),
    }


def _of_pool(reader: Reader, row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """All investors of several vehicles, and their holdings; of a sector its holdings."""
    by, value = row["pool_by"], row["pool_value"]
    members = reader.rows(
        """
        select v.vehicle_id, h.holding_id
          from dim_vehicle v
          left join dim_holding h on h.vehicle_id = v.vehicle_id
         where case %(by)s when 'all' then true
                   when 'told_in' then true
                   when 'vehicle' then v.vehicle_id || ' / ' || %(code)s = %(value)s
                   when 'vintage' then v.vintage_year::text is not distinct from %(value)s
                   when 'strategy' then v.strategy is not distinct from %(value)s
                   when 'currency' then v.currency_code = %(value)s
                   when 'peers' then v.vintage_year::text || ' / ' || v.strategy || ' / ' || v.currency_code = %(value)s
                   when 'sector' then h.holding_id is not null and h.sector is not distinct from %(value)s end
        """,
        {"by": by, "value": value, "code": row["currency_code"]},
    )
    standings = reader.rows(
        """
        select distinct on (holding_id) holding_id, as_of, vehicle_id from fct_holding_performance
         where as_of <= %s and holding_id = any(%s) and (flows > 0 or nav_status <> 'missing')
         order by holding_id, as_of desc
        """,
        (row["as_of"], [one["holding_id"] for one in members if one["holding_id"]]),
    )
    condition = (
        "true" if by == "sector" else "(p.irr_status is distinct from 'no_flows' or p.nav_amount <> 0)"
    )
    found = _parameters(
        reader, "fct_vehicle_performance", row["as_of"], row["currency_code"],
        vehicles=sorted({one["vehicle_id"] for one in members}), condition=condition,
    )  # fmt: skip
    _closings(reader, found)
    found["holdings"] = [one["holding_id"] for one in standings]
    found["holding_ats"] = [one["as_of"] for one in standings]
    return {**found, "is_of_many": True, "is_peers": by == "peers"}


def _of_holding(reader: Reader, row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """One holding."""
    found = _of_vehicle(reader, row, about)
    return {**found, "holdings": [row["holding_id"]], "holding_ats": [row["as_of"]]}


def _of_round(reader: Reader, row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """A vehicle as it is raised: all its promises, moves, payments and views until now."""
    facts = reader.rows(
        """
        select v.vehicle_id, %s::date as as_of, v.currency_code, true as is_latest, null::date as closed_from,
               null::text as index_code,
               coalesce((select max(p.as_of) from fct_vehicle_performance p where p.vehicle_id = v.vehicle_id),
                        (select max(c.signed_on) from fct_commitments c where c.vehicle_id = v.vehicle_id)) as latest_on
          from dim_vehicle v where v.vehicle_id = %s
        """,
        (FOREVER, row["vehicle_id"]),
    )
    code = row.get("currency_code") or (facts[0]["currency_code"] if facts else "")
    return {
        **_arrays(facts, about.get("investor_id")), "as_of": FOREVER, "code": code,
        "stage": row.get("stage") if "stage" in about else None,
        "commitment": row.get("commitment_id"), "view": row.get("view_id"),
    }  # fmt: skip


def _closings(reader: Reader, found: dict[str, Any]) -> None:
    """The day each vehicle closed: as stated, else that of its last movement."""
    rows = reader.rows(
        """
        select v.vehicle_id, coalesce(v.closed_on, greatest(
                   (select max(f.effective_on) from fct_cash_flows f where f.vehicle_id = v.vehicle_id),
                   (select max(f.effective_on) from fct_vehicle_flows f where f.vehicle_id = v.vehicle_id))) as closed_from
          from dim_vehicle v where v.status = 'closed' and v.vehicle_id = any(%s)
        """,
        (found["vehicles"],),
    )
    closed = {row["vehicle_id"]: row["closed_from"] for row in rows}
    found["closed_froms"] = [closed.get(vehicle) for vehicle in found["vehicles"]]


SCOPES = {
    "position": _of_position,
    "vehicle": _of_vehicle,
    "accounts": _of_accounts,
    "bridge": _of_bridge,
    "agreement": _of_agreement,
    "portfolio": _of_portfolio,
    "pool": _of_pool,
    "holding": _of_holding,
    "round": _of_round,
    "commitment": _of_round,
    "view": _of_round,
}
"""What a family is about -> the parameters of its parts."""
