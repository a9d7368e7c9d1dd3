"""The rows behind a Reporting Template: of one holder, or of all limited partners together for the fund's
own people.

Only plain sums are made here, and only in SQL: of the rows that the person may read.
"""

from dataclasses import dataclass
from typing import Any

from reporting.errors import NothingToReport
from reporting.packs.periods import Quarter
from warehouse.sessions import Reader

Row = dict[str, Any]
SPANS = ("qtd", "ytd", "itd")
ALL_LPS = "all limited partners"


@dataclass(frozen=True)
class Section:
    """One section: its mart, its title, and its three groups of columns (prefix in the mart, head)."""

    mart: str
    name: str
    title: str
    groups: tuple[tuple[str, str], ...]

    @property
    def has_general_partner(self) -> bool:
        """Whether the GP stands in a column of its own, so that the whole fund's first column is the LPs."""
        return any(prefix == "gp" for prefix, _ in self.groups)


HOLDER = (
    ("investor", "Allocation of {holder}"),
    ("total", "Total fund (incl. GP)"),
    ("gp", "GP's allocation"),
)
NAV = Section("fct_ilpa_nav_reconciliation", "A.1 NAV", "A.1 NAV reconciliation statement", HOLDER)
COMMITMENT = Section("fct_ilpa_commitment", "A.2 Commitment", "A.2 Commitment reconciliation", HOLDER)
SOURCES = Section(
    "fct_ilpa_source_allocation",
    "B.1 Sources",
    "B.1 Source allocation",
    (
        ("investor", "Allocation of {holder}"),
        ("lps", "Cumulative LPs' allocation"),
        ("affiliates", "Affiliated positions***"),
    ),
)
SECTIONS = (NAV, COMMITMENT, SOURCES)


def section_rows(
    reader: Reader, section: Section, vehicle_id: str, investor_id: str | None, quarter: Quarter
) -> list[Row]:
    """The rows of a section in order, none where there are none. No investor: the whole fund.

    Raises NothingToReport where a limited partner asks for the whole fund.
    """
    place = {
        "tenant": reader.viewer.tenant_id, "vehicle": vehicle_id, "investor": investor_id,
        "ends": quarter.last_day,
    }  # fmt: skip
    whose = "tenant_id = %(tenant)s and vehicle_id = %(vehicle)s and period_end = %(ends)s"
    if investor_id is not None:
        return reader.rows(
            f"select * from {section.mart} where {whose} and investor_id = %(investor)s order by line_order",
            place,
        )
    refuse_whole_fund_to_lps(reader)
    return reader.rows(_whole_fund(section, whose), place)


def refuse_whole_fund_to_lps(reader: Reader) -> None:
    """Raise NothingToReport for a limited partner, whose session holds its own rows only."""
    if reader.viewer.role == "lp":
        raise NothingToReport(
            "the whole fund is for its manager: a limited partner's own template has the total fund beside "
            "its allocation; name the investor"
        )


def missing_rates(reader: Reader, vehicle_id: str, investor_id: str | None, quarter: Quarter) -> list[str]:
    """Which exchange rates are missing, of which days, for a holder or for all, up to the quarter's end."""
    rows = reader.rows(
        "select distinct fx_reason from fct_investor_performance where tenant_id = %(tenant)s "
        "and vehicle_id = %(vehicle)s and (%(investor)s::text is null or investor_id = %(investor)s) "
        "and as_of <= %(ends)s and fx_reason is not null order by 1",
        {
            "tenant": reader.viewer.tenant_id,
            "vehicle": vehicle_id,
            "investor": investor_id,
            "ends": quarter.last_day,
        },
    )
    return [row["fx_reason"] for row in rows]


def there_is_none(reader: Reader, vehicle_id: str, investor_id: str | None, quarter: Quarter) -> str:
    """Why there is no Reporting Template: the quarter ends there are, or that nothing may be read."""
    rows = reader.rows(
        f"select distinct period_end from {NAV.mart} where tenant_id = %(tenant)s "
        "and vehicle_id = %(vehicle)s and (%(investor)s::text is null or investor_id = %(investor)s) "
        "order by period_end",
        {"tenant": reader.viewer.tenant_id, "vehicle": vehicle_id, "investor": investor_id},
    )
    there = ", ".join(str(row["period_end"]) for row in rows)
    return (
        f"there is no Reporting Template of vehicle {vehicle_id!r} for "
        f"{f'investor {investor_id!r}' if investor_id else 'the whole fund'} at {quarter.last_day}; "
        + (f"quarter ends there are: {there}" if there else "you may read none of this vehicle and investor")
    )


def _whole_fund(section: Section, whose: str) -> str:
    """Sums over the holders of the first column; one unknown amount makes its sum unknown."""
    counted = "not is_general_partner" if section.has_general_partner else "true"

    def summed(column: str) -> str:
        return (
            f"case when count(*) filter (where {counted}) = count({column}) filter (where {counted}) "
            f"then coalesce(sum({column}) filter (where {counted}), 0) end as {column}"
        )

    columns = [summed(f"investor_{span}_amount") for span in SPANS]
    columns += [
        f"max({prefix}_{span}_amount) as {prefix}_{span}_amount"
        for prefix, _ in section.groups[1:]
        for span in SPANS
    ]
    if section is NAV:
        columns += [summed(f"unsplit_{span}_amount") for span in SPANS]
    if section is SOURCES:
        columns.append("max(offset_rate) as offset_rate")
    if section is not COMMITMENT:
        columns.append("string_agg(distinct footnote, '; ' order by footnote) as footnote")
    return (
        f"select line, line_order, line_name, block, role, max(vehicle_name) as vehicle_name, "
        f"'{ALL_LPS}' as investor_name, max(currency_code) as currency_code, "
        f"bool_or(is_estimate) as is_estimate, {', '.join(columns)} from {section.mart} where {whose} "
        "group by line, line_order, line_name, block, role order by line_order"
    )
