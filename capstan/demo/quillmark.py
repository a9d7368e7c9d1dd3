"""Quillmark Capital of the demo world: its investors and its two funds."""

from datetime import date

from capstan.demo.calendar import quarter
from capstan.demo.facts import Cents, Fact, Investor, Vehicle
from capstan.demo.fund_plans import Deal, FundPlan, commitments
from capstan.demo.managers import LAST, agreed_terms, manager_facts

INVESTORS = (
    Investor(
        "lp-001",
        "Redfern County Employees Fund",
        None,
        "investments@redferncounty.example",
        "pension_fund",
        "US",
    ),
    Investor("lp-002", "Bluestem Mutual Life", "Bluestem", "alts@bluestem.example", "insurer", "US"),
    Investor(
        "lp-003",
        "Carrow & Denne Holdings",
        "Carrow & Denne",
        "office@carrowdenne.example",
        "family_office",
        "GB",
    ),
    Investor(
        "lp-004", "Harrow Gate Charitable Trust", None, "trustees@harrowgate.example", "foundation", "GB"
    ),
    Investor("lp-005", "Marisol Quintero", None, "marisol@quintero.example", "individual", "US"),
)


def _first_fund() -> FundPlan:
    vehicle = Vehicle(
        "fund-1",
        "Quillmark Buyout Partners III",
        "fund",
        "USD",
        Cents(220_000_000_00),
        Cents(250_000_000_00),
        2020,
        date(2020, 1, 6),
        date(2020, 5, 15),
        date(2021, 3, 31),
        None,
        "active",
        "buyout",
        "CAPSTAN-US",
    )
    amounts = (
        ("lp-001", 90_000_000),
        ("lp-002", 65_000_000),
        ("lp-003", 20_000_000),
        ("lp-004", 33_000_000),
        ("lp-005", 1_250_000),
    )
    deals = (
        Deal(
            "h-01",
            "Great Basin Packaging",
            "industrial technology",
            "US",
            quarter(2020, 2),
            1400,
            190,
            quarter(2024, 1),
            1500,
        ),
        Deal("h-02", "Ardent Home Care", "healthcare", "US", quarter(2021, 1), 1600, 350),
        Deal("h-03", "Tillman Bridge Insurance", "financial services", "US", quarter(2022, 1), 1500, 210),
        Deal("h-04", "Osprey Fabrication", "industrial technology", "CA", quarter(2023, 2), 1200, -90),
    )
    return FundPlan(
        vehicle,
        commitments(vehicle, "c1", amounts, date(2020, 5, 15)),
        deals,
        quarter(2020, 2),
        LAST,
        seed=37,
        unreported_quarters=frozenset({quarter(2020, 2)}),
        final_distribution_on=date(2026, 10, 12),
    )


def _second_fund() -> FundPlan:
    vehicle = Vehicle(
        "fund-2",
        "Quillmark Sterling Credit",
        "fund",
        "GBP",
        Cents(60_000_000_00),
        None,
        2023,
        date(2023, 2, 1),
        date(2023, 6, 30),
        date(2023, 12, 29),
        None,
        "active",
        "credit",
        None,
    )
    amounts = (("lp-002", 24_000_000), ("lp-003", 8_000_000), ("lp-004", 21_000_000))
    deals = (
        Deal("h-21", "Dunmere Dental Group", "healthcare", "GB", quarter(2023, 3), 2200, 230),
        Deal(
            "h-22",
            "Saltash Fibre",
            "telecommunications",
            "GB",
            quarter(2024, 1),
            1900,
            210,
            quarter(2026, 1),
            300,
        ),
    )
    return FundPlan(
        vehicle,
        commitments(vehicle, "c2", amounts, date(2023, 6, 30)),
        deals,
        quarter(2023, 3),
        LAST,
        seed=41,
        fee=35,
    )


def quillmark() -> list[Fact]:
    """All facts of Quillmark Capital: a dollar fund with an unvalued first quarter, a sterling fund."""
    one, two = _first_fund(), _second_fund()
    return [
        *manager_facts(INVESTORS, (one, two)),
        agreed_terms(one, "0.2", "0.08", 10),
        agreed_terms(two, "0.15", "0.06", 10),
    ]
