"""Founder · Pipeline: who stands where, how do conversations convert, how fast, and who has gone quiet?"""

from collections import defaultdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import display, markup, states, wording
from dashboards.display import Figure
from dashboards.markup import Column
from dashboards.queries import pipelines
from dashboards.reading import page_context, read
from dashboards.wording import helps, title

Row = dict[str, Any]
CARDS = 5
QUIET_DAYS = 21
FUNNEL = (
    Column("stage", "Stage"),
    Column("entered", title("entered"), "number", helps("entered")),
    Column("advanced", title("advanced"), "number", helps("advanced")),
    Column("passed", title("passed"), "number", helps("passed"), fold=True),
    Column("open", title("funnel_open"), "number", helps("funnel_open"), fold=True),
    Column("rate", title("conversion_rate"), "number", helps("conversion_rate")),
    Column("days", title("median_days_to_advance"), "number", helps("median_days_to_advance"), fold=True),
)
ROWS = (
    Column("name", "Investor"),
    Column("stage", "Stage", "quiet"),
    Column("days", "Days here", "number", "From the latest move until today"),
    Column("since", "Since", "quiet", fold=True),
    Column("amount", "Amount", "number"),
)


def main() -> None:
    """Number, board, funnel, rows."""
    vehicles = read(pipelines.vehicles)
    if not vehicles:
        states.show_nothing_yet(
            "No pipeline yet",
            because="No investor has been moved into a stage of a round so far.",
            next_step=(
                "Load stage events or connect your CRM; the board and the funnel appear with the first move."
            ),
        )
        return
    head = st.container()
    with display.choosers():
        vehicle = display.choose(
            "Round", vehicles, key="round", id_key="vehicle_id", name=lambda row: str(row["vehicle_name"])
        )
    chosen = next(row for row in vehicles if row["vehicle_id"] == vehicle)
    stages = read(pipelines.stages, vehicle_id=vehicle)
    velocity = read(pipelines.velocity, vehicle_id=vehicle)
    last = read(pipelines.last_move, vehicle_id=vehicle)
    with head:
        display.heading(
            "Pipeline",
            "Who stands where, how do conversations convert, and who has gone quiet?",
            as_of=f"Latest move {wording.day(last['last_move_at'])}" if last else "",
            aside=f"{chosen['vehicle_name']} · {wording.counted(chosen['investors'], 'investor')}",
        )
    if velocity:
        show_headline(velocity, stages)
    show_board(stages, read(pipelines.board, vehicle_id=vehicle, cards=CARDS))
    show_funnel(read(pipelines.funnel, vehicle_id=vehicle))
    show_rows(vehicle, stages)


def show_headline(velocity: Row, stages: list[Row]) -> None:
    """Open, weighted, win rate, days, velocity."""
    currency = velocity["currency_code"]
    weighted = [row["weighted_amount"] for row in stages if row["weighted_amount"] is not None]
    decided = (velocity["won"] or 0) + (velocity["lost"] or 0)
    display.figures(
        "headline",
        [
            Figure(
                title("open"),
                wording.whole(velocity["open"]),
                helps("open"),
                f"of {wording.whole(velocity['opportunities'])}",
            ),
            Figure(
                title("weighted_amount"),
                wording.short_money(sum(weighted) if weighted else None, currency),
                helps("weighted_amount"),
            ),
            Figure(
                title("win_rate"),
                wording.percent(velocity["win_rate"]),
                helps("win_rate"),
                f"{wording.whole(velocity['won'])} won of {wording.whole(decided)} decided",
            ),
            Figure(
                title("median_days_to_close"),
                wording.days(velocity["median_days_to_close"]),
                helps("median_days_to_close"),
            ),
            Figure(
                title("velocity_per_day"),
                f"{wording.short_money(velocity['velocity_per_day'], currency)} a day",
                helps("velocity_per_day"),
                f"{wording.short_money(velocity['won_amount'], currency)} won so far",
            ),
        ],
        least_width=170,
    )


def show_board(stages: list[Row], cards: list[Row]) -> None:
    """The stages as columns, the largest investors of each as cards."""
    display.section("Board", f"Where investors stand now; the {CARDS} largest of each stage.")
    by_stage: dict[str, list[Row]] = defaultdict(list)
    for card in cards:
        by_stage[card["stage"]].append(card)
    display.html(
        markup.board(
            [
                markup.BoardColumn(
                    title=wording.stage(row["stage"]),
                    count=wording.whole(row["investors"]),
                    amount=wording.short_money(row["amount"], row["currency_code"]) if row["amount"] else "",
                    remark=stay(row),
                    cards=[
                        (
                            str(card["investor_name"] or card["investor_id"]),
                            wording.short_money(card["amount"], card["currency_code"])
                            if card["amount"] is not None
                            else "",
                        )
                        for card in by_stage[row["stage"]]
                    ],
                    more=others(row, len(by_stage[row["stage"]])),
                    tone="quiet" if row["stage"] == "passed" else "",
                )
                for row in stages
            ]
        )
    )


def others(row: Row, cards: int) -> str:
    """How many investors of the stage have no card; empty where all have."""
    rest = (row["investors"] or 0) - cards
    return wording.whole(rest) if rest > 0 else ""


def stay(row: Row) -> str:
    """How long those who left the stage had stayed, and how many have no amount."""
    days = row["median_days_in_stage"]
    parts = [f"median stay {wording.days(days)}" if days is not None else ""]
    parts += (
        [f"{wording.whole(row['investors_without_amount'])} without amount"]
        if row["investors_without_amount"]
        else []
    )
    return " · ".join(part for part in parts if part)


def show_funnel(funnel: list[Row]) -> None:
    """How cohorts convert, with a bar for what entered each stage."""
    if not funnel:
        return
    display.section("Funnel", "By cohort: of all that ever entered a stage, how many ever moved on.")
    most = max(row["entered"] or 0 for row in funnel) or 1
    display.table(
        FUNNEL,
        [
            {
                "stage": wording.stage(row["stage"]),
                "_bar": (row["entered"] or 0) / most,
                "entered": wording.whole(row["entered"]),
                "advanced": wording.whole(row["advanced"]),
                "passed": wording.whole(row["passed"]),
                "open": wording.whole(row["open"]),
                "rate": wording.percent(row["conversion_rate"]),
                "days": wording.whole(row["median_days_to_advance"]),
            }
            for row in funnel
        ],
    )


def show_rows(vehicle: str, stages: list[Row]) -> None:
    """Every investor where it stands now: filtered, sorted and paged by the database."""
    display.section("Investors", f"Gone quiet: open and unmoved for {QUIET_DAYS} days or more.")
    with st.container(key="filters"), st.grid(min_column_width=170, gap="small", vertical_alignment="bottom"):
        name = st.text_input("Name contains", key="p-name", max_chars=80)
        stage = display.optional_choice(
            "Stage",
            {row["stage"]: wording.stage(row["stage"]) for row in stages},
            key="p-stage",
            every="All stages",
        )
        sort = st.selectbox("Sorted by", list(pipelines.SORTS), key="p-sort")
        quiet = st.toggle("Gone quiet only", key="p-quiet")
    tenant = page_context().tenant
    standing = pipelines.Standing(
        vehicle_id=vehicle,
        today=datetime.now(ZoneInfo(tenant.timezone)).date(),
        timezone=tenant.timezone,
        stage=stage,
        name=name.strip(),
        quiet_days=QUIET_DAYS if quiet else 0,
    )
    body = st.container()
    matches = read(pipelines.matches, standing=standing)
    offset = display.pager(matches, key="p-page")
    rows = read(pipelines.investors, standing=standing, sort=sort, limit=display.PAGE_ROWS, offset=offset)
    with body:
        display.table(ROWS, [row_texts(row) for row in rows])
    display.csv_of(
        f"Download all {wording.whole(matches)} as CSV",
        "pipeline.csv",
        pipelines.investors,
        key="p-csv",
        standing=standing,
        sort=sort,
        limit=None,
        offset=0,
    )


def row_texts(row: Row) -> dict[str, Any]:
    """An investor's standing as texts."""
    return {
        "name": row["investor_name"] or row["investor_id"],
        "stage": wording.stage(row["stage"]),
        "days": wording.whole(row["days_here"]),
        "since": wording.day(row["occurred_at"]),
        "amount": wording.money(row["amount"], row["currency_code"]),
    }


main()
