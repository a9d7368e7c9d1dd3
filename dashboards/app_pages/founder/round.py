"""Founder · Round: how far is the round, who committed, and has the money arrived?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboards import display, markup, states, wording
from dashboards.display import Figure
from dashboards.listing import show_listing
from dashboards.markup import Column
from dashboards.queries import rounds
from dashboards.reading import page_context, read
from dashboards.wording import helps, title

COLUMNS = (
    Column("name", "Investor"),
    Column("committed", title("committed_amount"), "number", helps("committed_amount")),
    Column("paid", title("paid_amount"), "number", helps("paid_amount"), fold=True),
    Column("outstanding", title("outstanding_amount"), "number", helps("outstanding_amount")),
    Column("state", "Collection", "quiet", "How the latest attempt to collect ended"),
    Column("when", "Last attempt", "quiet", fold=True),
    Column("retry", "Next attempt", "quiet", fold=True),
)

PAYMENTS = {"failed": "Failed", "succeeded": "Received", "pending": "Pending", "refunded": "Refunded"}


def main() -> None:
    """Number, trend, parts, rows."""
    found = read(rounds.progress)
    if not found:
        states.show_nothing_yet(
            "No round yet",
            because="No fundraising round has been recorded for your company.",
            next_step="Once a round with its target is loaded, this page shows how far it is and who is in.",
        )
        return
    head = st.container()
    with display.choosers():
        vehicle = display.choose(
            "Round", found, key="round", id_key="vehicle_id", name=lambda row: str(row["vehicle_name"])
        )
    row = next(row for row in found if row["vehicle_id"] == vehicle)
    lines = read(rounds.collections, vehicle_id=vehicle)
    with head:
        display.heading(
            str(row["vehicle_name"]),
            "How far is the round, who is in, and has the money arrived?",
            as_of=opened(row),
            aside=f"{wording.sentence(row['vehicle_kind'])} in {row['currency_code']}",
        )
    show_headline(row)
    show_bar(row)
    show_attention(lines)
    show_rows(lines, row)


def opened(row: dict[str, Any]) -> str:
    """When the round opened, in words."""
    return f"Opened {wording.day(row['opened_on'])}" if row["opened_on"] else "Not opened yet"


def time_left(row: dict[str, Any], today: date) -> Figure:
    """Days to the final close: the one figure here that depends on today."""
    close = row["final_close_on"]
    if close is None:
        return Figure("Time left", wording.day(None), "Days until the final close", "No final close agreed")
    days = (close - today).days
    text = wording.days(days) if days >= 0 else "Closed"
    return Figure("Time left", text, "Days until the final close, counted from today", wording.day(close))


def show_headline(row: dict[str, Any]) -> None:
    """The round in five figures."""
    currency = row["currency_code"]
    target, committed = row["target_amount"], row["committed_amount"]
    share = row["committed_pct"]
    cap = (
        f"Hard cap {wording.short_money(row['hard_cap_amount'], currency)}" if row["hard_cap_amount"] else ""
    )
    display.figures(
        "headline",
        [
            Figure(
                "Committed",
                wording.short_money(committed, currency),
                helps("committed_amount"),
                f"{wording.percent(share, 0)} of target" if share is not None else "No target set",
            ),
            Figure("Target", wording.short_money(target, currency), helps("target_amount"), cap),
            Figure(
                "Funded",
                wording.short_money(row["funded_amount"], currency),
                helps("funded_amount"),
                f"{wording.counted(row['committed_investors'], 'investor')} committed",
            ),
            Figure(
                "Collected", wording.short_money(row["collected_amount"], currency), helps("collected_amount")
            ),
            time_left(row, datetime.now(ZoneInfo(page_context().tenant.timezone)).date()),
        ],
    )


def show_bar(row: dict[str, Any]) -> None:
    """Funded, signed and soft-circled against the larger of the target and their sum."""
    parts = [
        ("1", "Funded", row["funded_amount"]),
        ("2", "Signed", row["signed_amount"]),
        ("3", "Soft-circled", row["soft_circled_amount"]),
    ]
    known = sum((amount or Decimal(0) for _, _, amount in parts), Decimal(0))
    whole = max(row["target_amount"] or Decimal(0), known)
    if not whole:
        return
    currency = row["currency_code"]
    entries = [
        (tone, name, str(wording.money(amount or Decimal(0), currency))) for tone, name, amount in parts
    ]
    if whole > known:
        entries.append(("0", "Still open", str(wording.money(whole - known, currency))))
    display.section("Towards the target", "Soft-circled amounts are intentions: they count only once signed.")
    display.html(
        markup.bar(
            [
                (tone, float((amount or Decimal(0)) / whole), f"{name}: {wording.money(amount, currency)}")
                for tone, name, amount in parts
            ],
            label="Funded, signed and soft-circled against the target",
        )
        + markup.legend(entries)
    )


def show_attention(lines: list[dict[str, Any]]) -> None:
    """What somebody should act on: failed payments."""
    failed = [line for line in lines if line["last_attempt_status"] == "failed"]
    if failed:
        amount = sum((line["outstanding_amount"] for line in failed), Decimal(0))
        names = ", ".join(str(line["investor_name"]) for line in failed[:3])
        more = f" and {len(failed) - 3} more" if len(failed) > 3 else ""
        verb = "payment has" if len(failed) == 1 else "payments have"
        display.note(
            f"{len(failed)} {verb} failed: {wording.money(amount, failed[0]['currency_code'])} from "
            f"{names}{more}.",
            "warn",
        )


def show_rows(lines: list[dict[str, Any]], row: dict[str, Any]) -> None:
    """Each commitment with what has been collected of it."""
    display.section("Commitments and collections", "One line per commitment, the largest first.")
    if not lines:
        display.note(
            "Nobody has committed yet. Signed commitments appear here, with what has been collected of them."
        )
        return
    if not any(line["attempts"] for line in lines):
        display.note(
            "No payment has been asked for: this table counts payments only. Capital that was called instead "
            "is in Collected above and under Transactions."
        )
    currency = row["currency_code"]
    show_listing(
        rounds.collections,
        COLUMNS,
        collection_texts,
        key="round",
        file_name="commitments.csv",
        orders={
            "Largest commitment": ("committed_amount", True),
            "Largest outstanding": ("outstanding_amount", True),
            "Next retry": ("next_retry_on", False),
            "Name": ("investor_name", False),
        },
        filters={"Last payment": "last_attempt_status"},
        find_in=("investor_name", "investor_id"),
        total=lambda rows: total_texts(rows, currency),
        vehicle_id=row["vehicle_id"],
    )


def collection_texts(line: Mapping[str, Any]) -> dict[str, Any]:
    """A commitment with what has been collected of it, as texts."""
    return {
        "name": line["investor_name"],
        "committed": wording.money(line["committed_amount"], line["currency_code"]),
        "paid": wording.money(line["paid_amount"], line["currency_code"]),
        "outstanding": wording.money(line["outstanding_amount"], line["currency_code"]),
        "state": PAYMENTS.get(str(line["last_attempt_status"]), "Not yet asked for")
        + (f" after {line['attempts']} attempts" if (line["attempts"] or 0) > 1 else ""),
        "when": wording.day(line["last_attempt_at"]),
        "retry": wording.day(line["next_retry_on"]),
        "_tone": "bad" if line["last_attempt_status"] == "failed" else "",
    }


def total_texts(lines: Sequence[Mapping[str, Any]], currency: str) -> dict[str, Any]:
    """What the lines shown add up to."""
    return {
        "name": "Total",
        **{
            key: wording.money(sum((line[source] or Decimal(0) for line in lines), Decimal(0)), currency)
            for key, source in (
                ("committed", "committed_amount"),
                ("paid", "paid_amount"),
                ("outstanding", "outstanding_amount"),
            )
        },
        "state": " ",
        "when": " ",
        "retry": " ",
    }


main()
