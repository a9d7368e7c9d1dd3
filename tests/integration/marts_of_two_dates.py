# ruff: noqa: E501 - statements read as lines
"""Which marts are asked as of a date and as known at a time, and the statement that sums up what each says."""

from collections.abc import Mapping
from pathlib import Path

from orchestration.lib import dbt_manifest
from tests.integration.told_twice import ADDED

FOLDERS = ("portfolio", "provenance", "commitments", "funnel", "ilpa", "restatements")
"""Of the marts that the two dates are asked of. The deal room (engagement) is not of a portfolio."""

DATES = (
    "as_of", "quarter", "period_end", "effective_on", "counted_on", "on_date", "signed_on", "latest_known_on",
    "attempted_at", "occurred_at", "first_as_of",
)  # fmt: skip
"""Columns that date a row of a mart."""

WITHOUT_A_DATE = {
    "dim_vehicle": "what holds now",
    "dim_investor": "what holds now",
    "dim_holding": "what holds now",
    "dim_setting": "what numbers rest on now",
    "dim_vehicle_terms": "what the agreement says now",
    "rpt_collections": "how far each commitment is paid now",
    "rpt_pipeline": "who stands where now",
    "rpt_funnel": "all moves so far",
}
"""Marts that hold of no date: they are asked as known at a time only."""

KEEPS_NONE = {
    "fct_communications": "a touch is engagement: no number of a portfolio or a commitment rests on one"
}
"""Marts of these folders that are not asked."""


def marts_of(folder: Path) -> dict[str, str | None]:
    """Every mart of a portfolio or of commitments, by the manifest of the project, with the column that dates its rows."""
    nodes = dbt_manifest.parsed(folder).nodes.values()
    return {
        node.name: next((column for column in DATES if column in node.columns), None)
        for node in nodes
        if node.resource_type == "model"
        and node.fqn[1] == "marts"
        and node.fqn[2] in FOLDERS
        and node.name not in KEEPS_NONE
    }


def digests(marts: Mapping[str, str | None]) -> str:
    """A statement: of each mart the number of rows, a digest of them all and one of those dated by the end of 2020."""
    ours = ", ".join(f"'{name}'" for name in sorted(ADDED))
    return " union all ".join(
        f"select '{mart}' as mart, count(*) as rows, md5(string_agg(r, ' ' order by r)) as all, "
        "md5(string_agg(r, ' ' order by r) filter (where is_then)) as then from ("
        f"select (to_jsonb(m) - array[{ours}])::text as r, {f'm.{dated}::date' if dated else 'null'} <= date '2020-12-31' as is_then "
        f"from {mart} m) as x"
        for mart, dated in marts.items()
    )
