# ruff: noqa: E501 - rows of data read as lines
"""Published and derived worked examples as the books of two managers with the same ids: the second's amounts are three times as large.

Ids of the examples are those of the metrics reference; years are 365 days.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from tests.integration.marts_world import Rows, World
from tests.integration.raw_rows import load
from warehouse.tenants import add_tenant

START = date(2010, 12, 31)
SCALES = {"plain": Decimal(1), "triple": Decimal(3)}

TA_CALLS = [
    "25",
    "24.975",
    "25.0125",
    "12.50625",
    "6.253125",
    "3.1265625",
    "1.56328125",
    "0.781640625",
    "0.3908203125",
    "0.19541015625",
    "0.097705078125",
    "0.0488525390625",
]
TA_PAYOUTS = [
    "0",
    "0.320361505711",
    "1.86819504683",
    "6.01130669178",
    "12.6889729805",
    "21.3325895746",
    "30.0929175289",
    "35.7823600603",
    "35.0118567745",
    "26.6849988781",
    "14.1858289508",
    "4.00570606174",
]
"""pacing-ta-table: Takahashi and Alexander's base case, a year after another."""

EIGHT_RATES = ["0.05", "0.08", "0.09", "0.12", "0.15", "0.18", "0.22", "0.30"]
"""quartile-method."""

KPMG_VALUES = ["169090", "150000", "150000", "120000", "113300", "67050"]
"""kpmg-concentration: the largest position and the total of 769,440 are published, the split of the rest is ours."""


def year(number: int) -> date:
    """The day this many years of 365 days after the start."""
    return START + timedelta(days=365 * number)


class Books:
    """Rows of one manager, every amount times `scale`."""

    def __init__(self, scale: Decimal):
        self.scale = scale
        self.rows: Rows = {
            name: []
            for name in (
                "vehicles",
                "vehicle_terms",
                "investors",
                "holdings",
                "commitments",
                "transactions",
                "valuations",
            )
        }
        self.rows["investors"] = [{"investor_id": "lp"}, {"investor_id": "other"}]

    def vehicle(self, vehicle_id: str, **more: Any) -> None:
        self.rows["vehicles"].append({"vehicle_id": vehicle_id, **more})

    def ended(self, vehicle_id: str, last: int, **more: Any) -> None:
        """A vehicle that closed in this year."""
        self.vehicle(vehicle_id, status="closed", closed_on=year(last), **more)

    def flow(
        self,
        vehicle: str,
        kind: str,
        amount: object,
        on: int | date,
        investor: str | None = "lp",
        **more: Any,
    ) -> None:
        self.rows["transactions"].append({
            "transaction_id": f"t{len(self.rows['transactions'])}", "vehicle_id": vehicle, "investor_id": investor, "kind": kind,
            "amount": Decimal(str(amount)) * self.scale, "effective_on": year(on) if isinstance(on, int) else on, **more,
        })  # fmt: skip

    def value(self, vehicle: str, amount: object, on: int, investor: str = "lp", holding: str = "") -> None:
        self.rows["valuations"].append({
            "vehicle_id": vehicle, "investor_id": investor, "holding_id": holding, "as_of": year(on),
            "nav_amount": Decimal(str(amount)) * self.scale,
        })  # fmt: skip

    def terms(self, vehicle: str, **terms: Any) -> None:
        """What the agreement of a vehicle says."""
        self.rows["vehicle_terms"].append({"vehicle_id": vehicle, **terms})

    def promise(self, vehicle: str, amount: object, investor: str = "lp") -> None:
        self.rows["commitments"].append({
            "commitment_id": f"c{len(self.rows['commitments'])}", "vehicle_id": vehicle, "investor_id": investor,
            "amount": Decimal(str(amount)) * self.scale, "signed_on": START,
        })  # fmt: skip


def books(scale: Decimal) -> Rows:
    """Every example as a vehicle of its name."""
    b = Books(scale)

    # wf-derived-subline: a line pays the deal of 100 for a year at 5 %; the second investor's calls tell of no line
    b.ended("subline", 2, strategy="lined")
    b.flow("subline", "contribution", 100, 1, "borrower", purpose="investments", facility_drawn_on=year(0))
    b.flow(
        "subline",
        "contribution",
        5,
        1,
        "borrower",
        purpose="partnership_expenses",
        category="subscription_facility_interest",
    )
    b.flow("subline", "distribution", 130, 2, "borrower")
    b.ended("noline", 2)
    b.flow("noline", "contribution", 100, 0)
    b.flow("noline", "distribution", 130, 2)

    # pooled-vs-average
    b.ended("fund-a", 3, strategy="pooled", vintage_year=2010)
    b.ended("fund-b", 1, strategy="pooled", vintage_year=2010)
    b.flow("fund-a", "contribution", 100, 0)
    b.flow("fund-a", "distribution", 200, 3)
    b.flow("fund-b", "contribution", 100, 0)
    b.flow("fund-b", "distribution", 150, 1)

    # quartile-method, and the same funds but one
    for number, rate in enumerate(EIGHT_RATES):
        for strategy in ("eight", "seven") if number else ("eight",):
            b.ended(f"{strategy}-{number}", 1, strategy=strategy, vintage_year=2011)
            b.flow(f"{strategy}-{number}", "contribution", 100, 0)
            b.flow(f"{strategy}-{number}", "distribution", 100 + 100 * Decimal(rate), 1)

    # ilpa-derived-dpi-recallable
    b.vehicle("ilpa")
    b.promise("ilpa", 50_000_000)
    b.flow("ilpa", "contribution", 35_000_000, 0)
    b.flow("ilpa", "distribution", 15_000_000, 1)
    b.flow("ilpa", "distribution", 4_000_000, 1, recallable=True)
    b.value("ilpa", 45_673_600, 1)

    # kpmg-concentration
    b.vehicle("kpmg")
    b.flow("kpmg", "contribution", 700_000, 0)
    b.value("kpmg", 787_240, 1)
    for number, amount in enumerate(KPMG_VALUES):
        b.rows["holdings"].append({"holding_id": f"k{number}", "vehicle_id": "kpmg", "sector": "private"})
        b.flow("kpmg", "investment", 100_000, 0, None, holding_id=f"k{number}")
        b.value("kpmg", amount, 1, "", f"k{number}")

    # pme-wiki-ln-irr; pme-wiki-plus and pme-wiki-mpme, whose index falls to 100 in the fourth year
    for vehicle, index, payout, navs in (
        ("wiki-ln", "WIKI-117", 10, {4: 110}),
        ("wiki-plus", "WIKI-100", 100, {1: 165, 2: 125, 3: 15, 4: 20}),
    ):
        b.vehicle(vehicle, benchmark_code=index)
        b.flow(vehicle, "contribution", 100, 0)
        b.flow(vehicle, "contribution", 50, 1)
        b.flow(vehicle, "distribution", 60, 2)
        b.flow(vehicle, "distribution", payout, 3)
        for years, held in navs.items():
            b.value(vehicle, held, years)

    # worth less than nothing: what is owed comes off what was received
    b.vehicle("owing", benchmark_code="WIKI-117")
    b.flow("owing", "contribution", 100, 0)
    b.flow("owing", "distribution", 60, 2)
    b.value("owing", -10, 4)

    # wf-atlas-fees: the same 2 % of commitments, of cost and of NAV; one steps down from commitments to cost in mid-year
    for base in ("committed", "invested", "nav", "stepped"):
        b.vehicle(f"fee-{base}")
        b.promise(f"fee-{base}", 10_000_000)
        b.flow(f"fee-{base}", "contribution", 7_500_000, 0)
        b.rows["holdings"].append({"holding_id": f"held-{base}", "vehicle_id": f"fee-{base}"})
        b.flow(f"fee-{base}", "investment", 7_500_000, 0, None, holding_id=f"held-{base}")
        b.flow(f"fee-{base}", "fee", 40_000, 1, purpose="management_fees")
        b.value(f"fee-{base}", 8_000_000, 0)
        terms: dict[str, Any] = {"management_fee_base": base}
        if base == "stepped":
            middle = START + timedelta(days=181)
            terms = {
                "management_fee_base": "committed",
                "fee_step_down_on": middle,
                "fee_base_after": "invested",
            }
        b.terms(f"fee-{base}", management_fee_rate=Decimal("0.02"), fee_starts_on=START, **terms)

    # a profit of 30 on 100 after a year: 8 preferred, 2 to catch up, a fifth of the rest; a small profit stays below the hurdle
    for vehicle, worth, kind in (
        ("carried", 130, "european"),
        ("below", 105, "european"),
        ("by-deal", 130, "american"),
    ):
        b.vehicle(vehicle)
        b.flow(vehicle, "contribution", 100, 0)
        b.value(vehicle, worth, 1)
        b.terms(vehicle, carry_rate=Decimal("0.2"), hurdle_rate=Decimal("0.08"), life_years=5, waterfall=kind)

    # pacing-ta-table: promised, nothing called yet
    b.vehicle("fresh")
    b.promise("fresh", 100)

    # jcurve-ta
    b.ended("pacing", 12)
    b.promise("pacing", 100)
    for number, (called, paid) in enumerate(zip(TA_CALLS, TA_PAYOUTS, strict=True), start=1):
        b.flow("pacing", "contribution", called, number)
        if paid != "0":
            b.flow("pacing", "distribution", paid, number)
    return b.rows


def index_levels() -> list[dict[str, Any]]:
    """The two indices of the Wikipedia examples."""
    levels = {"WIKI-117": (100, 105, 115, 117, 120), "WIKI-100": (100, 105, 115, 100, 120)}
    return [
        {"index_code": code, "on_date": year(number), "level": Decimal(level)}
        for code, path in levels.items()
        for number, level in enumerate(path)
    ]


@pytest.fixture(scope="module")
def published(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Both managers, computed."""
    with clone(cluster, tmp_path_factory.mktemp("published") / "home", deployed=True) as database:
        tenants = {
            slug: add_tenant(database, slug, name=slug, kind="manager", currency_code="USD")
            for slug in SCALES
        }
        rows = {slug: books(scale) for slug, scale in SCALES.items()}
        for slug, streams in rows.items():
            load(database, tenants[slug].tenant_id, streams)
        load(database, 0, {"index_levels": index_levels()})
        dbt_runner.refresh(database)
        yield World(database, tenants, rows)
