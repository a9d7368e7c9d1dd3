"""Operator · Data: how fresh is what people see, where did it come from, and what should not be relied on?"""

from typing import Any

from dashboards import display, performance_tables, wording
from dashboards.display import Figure
from dashboards.listing import show_listing
from dashboards.markup import Column
from dashboards.queries import data_health
from dashboards.reading import page_context, read
from dashboards.unassigned import show_unassigned

Row = dict[str, Any]
SUBJECTS = (
    Column("subject", "What"),
    Column("rows", "Rows", "number"),
    Column("newest", "Newest", "quiet"),
)
SOURCES = (
    Column("file", "File"),
    Column("rows", "Lines in use", "number", "Cash movements and valuations that today's figures rest on"),
    Column("span", "Dates", "quiet", fold=True),
    Column("batch", "Batch", "quiet", fold=True),
)


def main() -> None:
    """Freshness, warnings, sources."""
    context = page_context()
    subjects = read(data_health.freshness)
    warnings = read(data_health.warnings)
    newest = [row["newest"] for row in subjects if row["newest"]]
    display.heading(
        "Data",
        "How fresh is what people see, where does it come from, and what should not be relied on?",
        as_of=f"Newest record {wording.day(max(newest))}" if newest else "No data yet",
        aside=f"Refreshed {wording.counted(context.data_version, 'time')}",
    )
    display.figures(
        "headline",
        [
            Figure(
                "Rows served",
                wording.whole(sum(row["row_count"] for row in subjects)),
                "Over the subjects below",
            ),
            Figure(
                "Subjects with data", f"{sum(1 for row in subjects if row['row_count'])} of {len(subjects)}"
            ),
            Figure(
                "Vehicles with a remark",
                wording.whole(len(warnings)),
                "A rolled or missing NAV, or no rate of return",
            ),
        ],
        least_width=200,
    )
    display.section("Freshness")
    display.table(
        SUBJECTS,
        [
            {
                "subject": row["subject"],
                "rows": wording.whole(row["row_count"]),
                "newest": wording.day(row["newest"]),
                "_tone": "" if row["row_count"] else "quiet",
            }
            for row in subjects
        ],
    )
    display.section(
        "Remarks", "Figures that say themselves that they should not be relied on without a look."
    )
    for remark in performance_tables.remarks(warnings, "vehicle_name"):
        display.note(remark)
    if not warnings:
        display.note("None: every vehicle has a reported value and a rate of return.")
    show_unassigned(None, key="data-unassigned")
    show_sources(read(data_health.sources))


def show_sources(sources: list[Row]) -> None:
    """The files behind the figures."""
    display.section("Sources", "The files that today's cash movements and valuations came from.")
    if not sources:
        display.note("No cash movement or valuation has been loaded yet.")
        return
    show_listing(
        data_health.sources,
        SOURCES,
        lambda row: {
            "file": row["source_file"],
            "rows": wording.whole(row["row_count"]),
            "span": f"{wording.day(row['first_on'])} to {wording.day(row['last_on'])}",
            "batch": row["batch_id"],
        },
        key="sources",
        file_name="sources.csv",
        orders={
            "Most rows": ("row_count", True),
            "Newest": ("last_on", True),
            "Name": ("source_file", False),
        },
        find_in=("source_file", "batch_id"),
    )


main()
