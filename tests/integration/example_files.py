"""Published examples as canonical rows: each is a vehicle of its own, named by its id in tests/data/finance.

Periods that a source calls years are 365 days, so that ACT/365 counts them whole. The capital accounts and
the sample of ILPA's Reporting Template are those of ilpa_world.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.integration import ilpa_world

FIGURES = Path(__file__).parents[1] / "data" / "finance"
START = date(2001, 1, 1)
Row = dict[str, Any]


def figures(name: str) -> list[Row]:
    """The examples of one file: inputs, published answer, its precision, the recomputed answer."""
    found: list[Row] = json.loads((FIGURES / f"{name}_examples.json").read_text(encoding="utf-8"))
    return found


RATES = figures("irr")
MULTIPLES = figures("multiple")
COMPARISONS = [
    item
    for item in figures("pme")
    if "contributions" in item["inputs"] and {"nav", "fund_nav"} & {*item["inputs"]}
]
FUNNELS = figures("funnel")
WATERFALLS = [item for item in figures("waterfall") if item["function"] == "waterfall"]
KPMG_CAPITAL = "kpmg-ratios"
DIETZ: dict[str, tuple[list[tuple[str, str]], list[tuple[str, str]]]] = {
    # values by day, flows by day with the investor's sign
    "dietz-bloomberg": (
        [("2019-09-30", "585.6"), ("2019-10-31", "602.34")],
        [
            ("2019-10-05", "15.05"),
            ("2019-10-09", "-19.82"),
            ("2019-10-15", "-16.42"),
            ("2019-10-24", "18.96"),
        ],
    ),
    "dietz-wiki-120": ([("2021-01-01", "100"), ("2023-01-01", "300")], [("2022-01-01", "-50")]),
    "dietz-wiki-negcap": ([("2021-01-01", "1000"), ("2021-01-09", "250")], [("2021-01-02", "1200")]),
}


def rows() -> dict[str, list[Row]]:
    """Every example, by stream."""
    found: dict[str, list[Row]] = defaultdict(list)
    for rows_of in (
        _rates, _multiples, _comparisons, _funnels, _waterfalls,
        _returns, _pooled, _reporting_template, _engagement,
    ):  # fmt: skip
        for stream, row in rows_of():
            found[stream].append(row)
    found["investors"] += [{"investor_id": "lp", "name": "Reader of examples"}]
    investors = {row["investor_id"] for row in found["stage_events"]}
    found["investors"] += [{"investor_id": key, "name": key} for key in sorted(investors)]
    for number, row in enumerate(found["transactions"], start=1):
        row["transaction_id"] = f"t{number}"
    for number, row in enumerate(found["stage_events"], start=1):
        row["event_id"] = f"e{number}"
    return found


def year(number: int) -> date:
    """The day that ends so many years of 365 days."""
    return START + timedelta(days=365 * number)


def _rates() -> Iterator[tuple[str, Row]]:
    for item in RATES:
        dated = [(date.fromisoformat(day), Decimal(amount)) for day, amount in item["flows"]]
        # a vehicle that has closed is worth nothing: the flows are all there is
        yield "vehicles", _vehicle(item["id"], closed_on=max((day for day, _ in dated), default=START))
        for day, amount in dated:
            yield "transactions", _flow(item["id"], day, amount)


def _multiples() -> Iterator[tuple[str, Row]]:
    for item in MULTIPLES:
        given, key = item["inputs"], f"{item['id']}-multiple"
        flows = [(day, -Decimal(amount)) for day, amount in given.get("contributions", [])]
        flows += [(day, Decimal(amount)) for day, amount in given.get("distributions", [])]
        last = date.fromisoformat(max(day for day, _ in flows))
        yield "vehicles", _vehicle(key, closed_on=None if "nav" in given else last)
        for day, amount in flows:
            yield "transactions", _flow(key, date.fromisoformat(day), amount)
        if "nav" in given:
            yield "valuations", _value(key, date.fromisoformat(given["nav"][0]), given["nav"][1])


def _comparisons() -> Iterator[tuple[str, Row]]:
    for item in COMPARISONS:
        given, key = item["inputs"], item["id"]
        levels = given["index"]
        days = [date.fromisoformat(day) for day in given.get("dates", [])] or [*map(year, range(len(levels)))]
        values = given.get("fund_nav") or [None] * (len(levels) - 1) + [given["nav"]]
        yield "vehicles", _vehicle(key, index=key)
        for number, (day, level) in enumerate(zip(days, levels, strict=True)):
            yield "index_levels", {"index_code": key, "on_date": day, "level": level}
            for kind, sign in (("contributions", -1), ("distributions", 1)):
                if given[kind][number]:
                    yield "transactions", _flow(key, day, sign * Decimal(str(given[kind][number])))
            if values[number] is not None:
                yield "valuations", _value(key, day, values[number])


def _funnels() -> Iterator[tuple[str, Row]]:
    first = datetime(2024, 1, 1, tzinfo=UTC)
    for item in FUNNELS:
        key = item["id"]
        yield "vehicles", _vehicle(key) | {"kind": "priced_round"}
        investors = [path for path in item["inputs"]["paths"] for _ in range(path["investors"])]
        for number, path in enumerate(investors):
            days = {stage: path["days"] * step for step, stage in enumerate(path["stages"])}
            for stage in path["stages"]:
                yield (
                    "stage_events",
                    {
                        "vehicle_id": key,
                        "investor_id": f"{key}-{number}",
                        "to_stage": stage,
                        "amount": item["inputs"]["value"],
                        "currency_code": "USD",
                        "occurred_at": (first + timedelta(days=days[stage])).isoformat(),
                    },
                )


def _waterfalls() -> Iterator[tuple[str, Row]]:
    for item in WATERFALLS:
        yield "vehicles", _vehicle(item["id"], closed_on=date.fromisoformat(item["flows"][-1][0]))
        for day, amount in item["flows"]:
            yield "transactions", _flow(item["id"], date.fromisoformat(day), Decimal(amount))


def _returns() -> Iterator[tuple[str, Row]]:
    mirr = figures("return")[0]
    yield "vehicles", _vehicle(mirr["id"], closed_on=year(len(mirr["inputs"]["flows"]) - 1))
    for number, amount in enumerate(mirr["inputs"]["flows"]):
        yield "transactions", _flow(mirr["id"], year(number), Decimal(amount))
    for key, (values, flows) in DIETZ.items():
        yield "vehicles", _vehicle(key)
        for day, amount in values:
            yield "valuations", _value(key, date.fromisoformat(day), amount)
        for day, amount in flows:
            yield "transactions", _flow(key, date.fromisoformat(day), Decimal(amount))
    line = "wf-derived-subline"
    yield "vehicles", _vehicle(line, closed_on=year(2))
    drawn = {"purpose": "investments", "facility_drawn_on": year(0)}
    interest = {"purpose": "partnership_expenses", "category": "subscription_facility_interest"}
    yield "transactions", _flow(line, year(1), Decimal(-100)) | drawn
    yield "transactions", _flow(line, year(1), Decimal(-5)) | interest
    yield "transactions", _flow(line, year(2), Decimal(130))


def _pooled() -> Iterator[tuple[str, Row]]:
    given = next(item for item in figures("pooling") if item["id"] == "pooled-vs-average")["inputs"]
    for fund, flows in given.items():
        yield "vehicles", _vehicle(fund, closed_on=year(3)) | {"strategy": "pooled", "vintage_year": 2001}
        for number, amount in enumerate(flows):
            if amount:
                yield "transactions", _flow(fund, year(number), Decimal(amount))


def _reporting_template() -> Iterator[tuple[str, Row]]:
    books = ilpa_world.Books()
    for write in (
        ilpa_world.ilpa_sample,
        ilpa_world.fees_received,
        ilpa_world.capital_account,
        ilpa_world.partners_capital,
    ):
        write(books)
    # the LPs' year in KPMG's statements, in thousands: costs, their offset, income, gains before carry
    books.vehicle(KPMG_CAPITAL)
    books.value(KPMG_CAPITAL, "lp5", ilpa_world.YEAR_BEFORE, 682_957)
    books.value(KPMG_CAPITAL, "lp5", ilpa_world.PERIOD_END, 703_021)
    for amount in (24_750, -36_888):
        books.flow(KPMG_CAPITAL, "lp5", amount, ilpa_world.THIS_YEAR)
    for line, amount in (
        ("external_other", -18_272), ("management_fee_offsets", 8_460),
        ("other_income", 18_272 - 8_460 - 3_147), ("unrealized_gain", 32_202 + 3_147 + 8_051),
        ("carry_charged_unrealized", -8_051),
    ):  # fmt: skip
        books.line(KPMG_CAPITAL, "lp5", line, ilpa_world.THIS_YEAR, amount)
    for stream, rows_of in books.streams.items():
        for row in rows_of:
            yield stream, row


def _engagement() -> Iterator[tuple[str, Row]]:
    """Views of a document of ten pages; and twelve views of five in three visits, with two questions."""
    first = datetime(2024, 1, 1, 9, tzinfo=UTC)
    looks = {"papermark-completion": [(0, 0, [12] * 10), (0, 40, [15] * 4), (0, 80, [])]}
    looks["waafir-score"] = [(n % 5, 60 * 24 * (n // 4) + n, [30]) for n in range(12)]
    for key, views in looks.items():
        yield "vehicles", _vehicle(key) | {"kind": "priced_round"}
        yield "deal_rooms", {"room_id": key, "vehicle_id": key, "name": key}
        for number in sorted({document for document, _, _ in views}):
            deck = {"document_id": f"{key}-{number}", "room_id": key, "name": key, "type": "pitch_deck"}
            yield "documents", deck | {"pages": 10, "uploaded_at": first.isoformat()}
        for number, (document, minute, seconds) in enumerate(views):
            view = {"view_id": f"{key}-{number}", "document_id": f"{key}-{document}", "investor_id": "lp"}
            times = {
                "started_at": (first + timedelta(minutes=minute)).isoformat(),
                "duration_seconds": sum(seconds),
            }
            yield "views", view | times | {"page_seconds": json.dumps(seconds)}
    for number in range(2):
        yield (
            "communications",
            {
                "communication_id": f"question-{number}",
                "vehicle_id": "waafir-score",
                "investor_id": "lp",
                "channel": "email",
                "direction": "inbound",
                "occurred_at": first.isoformat(),
                "subject": "Question",
            },
        )


def _vehicle(key: str, *, closed_on: date | None = None, index: str = "") -> Row:
    return {
        "vehicle_id": key,
        "name": key,
        "kind": "fund",
        "currency_code": "USD",
        "status": "closed" if closed_on else "active",
        "closed_on": closed_on or "",
        "benchmark_code": index,
    }


def _flow(key: str, on: date, amount: Decimal) -> Row:
    return {
        "vehicle_id": key,
        "investor_id": "lp",
        "kind": "contribution" if amount < 0 else "distribution",
        "amount": format(abs(amount), "f"),
        "currency_code": "USD",
        "effective_on": on,
    }


def _value(key: str, on: date, amount: object) -> Row:
    return {
        "vehicle_id": key,
        "investor_id": "lp",
        "as_of": on,
        "nav_amount": amount,
        "currency_code": "USD",
    }
