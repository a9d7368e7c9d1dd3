"""Aldersyde Partners of the demo world: its investors and its two funds."""

from datetime import date

from capstan.demo.calendar import quarter
from capstan.demo.facts import Cents, Fact, Investor, Vehicle
from capstan.demo.fund_plans import BASIS_POINTS, Deal, FundPlan, commitments
from capstan.demo.managers import LAST, agreed_terms, manager_facts

INVESTORS = (
    Investor(
        "lp-001",
        "Tolvik Pensjonskasse",
        "Tolvik Pensjonskasse",
        "reporting@tolvik.example",
        "pension_fund",
        "NO",
    ),
    Investor(
        "lp-002", "Maasbrug Verzekeringen", "Maasbrug Groep", "alternatives@maasbrug.example", "insurer", "NL"
    ),
    Investor(
        "lp-003",
        "Carrow & Denne Family Office",
        "Carrow & Denne",
        "office@carrowdenne.example",
        "family_office",
        "GB",
    ),
    Investor(
        "lp-004",
        "Stiftung Rheintal",
        "Stiftung Rheintal",
        "anlage@rheintal-stiftung.example",
        "foundation",
        "DE",
    ),
    Investor(
        "lp-005", "Ostrava Regional Development Fund", None, "funds@ostrava-rdf.example", "public_body", "CZ"
    ),
    Investor(
        "lp-006",
        "Vallescura Assicurazioni",
        "Vallescura",
        "private.markets@vallescura.example",
        "insurer",
        "IT",
    ),
    Investor(
        "lp-007",
        "Haldane University Endowment",
        "Haldane University",
        "endowment@haldane.example",
        "endowment",
        "IE",
    ),
    Investor(
        "lp-008",
        "Brisa Atlántica SICAV",
        "Brisa Atlántica",
        "operaciones@brisa-atlantica.example",
        "fund_of_funds",
        "ES",
    ),
    Investor(
        "lp-009", "Kestrel Lane Partners", "Kestrel Lane", "ir@kestrellane.example", "fund_of_funds", "US"
    ),
    Investor("lp-010", "Ingrid Sørlie", None, "ingrid.sorlie@fjordmail.example", "individual", "NO"),
    Investor(
        "lp-011", "Pacific Slope Teachers Retirement", None, "pe@pacificslope.example", "pension_fund", "US"
    ),
    Investor(
        "lp-012",
        "Aldersyde Team Co-Investment",
        "Aldersyde Partners",
        "team@aldersyde.example",
        "general_partner",
        "NL",
    ),
)


def _first_fund() -> FundPlan:
    vehicle = Vehicle(
        "fund-1",
        "Aldersyde Growth I",
        "fund",
        "EUR",
        Cents(130_000_000_00),
        Cents(150_000_000_00),
        2018,
        date(2018, 3, 1),
        date(2018, 10, 15),
        date(2020, 1, 31),
        None,
        "active",
        "growth",
        "CAPSTAN-EU",
    )
    amounts = (
        ("lp-001", 30_000_000),
        ("lp-002", 25_000_000),
        ("lp-003", 7_500_000),
        ("lp-004", 12_000_000),
        ("lp-005", 15_000_000),
        ("lp-006", 18_000_000),
        ("lp-007", 9_000_000),
        ("lp-010", 750_000),
        ("lp-012", 1_300_000),
    )
    deals = (
        Deal(
            "h-01",
            "Sondrio Sensors",
            "industrial technology",
            "IT",
            quarter(2018, 4),
            750,
            240,
            quarter(2023, 2),
            900,
        ),
        Deal(
            "h-02", "Velmar Logistics", "logistics", "NL", quarter(2019, 2), 900, 310, quarter(2022, 4), 1200
        ),
        Deal(
            "h-03",
            "Kiruna Cold Chain",
            "logistics",
            "SE",
            quarter(2019, 3),
            650,
            -180,
            quarter(2021, 3),
            -BASIS_POINTS,
        ),
        Deal(
            "h-04",
            "Hollowell Diagnostics",
            "healthcare",
            "GB",
            quarter(2020, 1),
            1000,
            420,
            quarter(2024, 4),
            700,
        ),
        Deal(
            "h-05",
            "Pregel Payments",
            "financial services",
            "AT",
            quarter(2020, 4),
            850,
            520,
            quarter(2025, 2),
            400,
        ),
        Deal("h-06", "Oderbruch Foods", "consumer", "DE", quarter(2021, 2), 700, 90),
        Deal("h-07", "Lisvane Software", "software", "IE", quarter(2021, 4), 1100, 380),
        Deal("h-08", "Montfaucon Energy Storage", "energy", "FR", quarter(2022, 3), 900, 260),
        Deal("h-09", "Tarvos Marine", "industrial technology", "GR", quarter(2023, 1), 600, -60),
    )
    return FundPlan(
        vehicle,
        (
            *commitments(vehicle, "c1", amounts, date(2018, 10, 15)),
            *commitments(vehicle, "c1", (("lp-008", 10_000_000),), date(2020, 1, 8)),
        ),
        deals,
        quarter(2018, 4),
        LAST,
        seed=11,
        late_investor="lp-008",
        late_quarter=quarter(2020, 1),
        placement_fee_investor="lp-010",
        recallable_quarters=frozenset({quarter(2022, 4), quarter(2023, 2)}),
    )


def _second_fund() -> FundPlan:
    vehicle = Vehicle(
        "fund-2",
        "Aldersyde Atlantic II",
        "fund",
        "USD",
        Cents(160_000_000_00),
        Cents(180_000_000_00),
        2021,
        date(2021, 1, 11),
        date(2021, 7, 1),
        date(2022, 6, 30),
        None,
        "active",
        "venture",
        "CAPSTAN-US",
    )
    amounts = (
        ("lp-001", 40_000_000),
        ("lp-003", 12_000_000),
        ("lp-006", 22_000_000),
        ("lp-007", 15_000_000),
        ("lp-009", 28_000_000),
        ("lp-010", 1_000_000),
        ("lp-011", 35_000_000),
        ("lp-012", 2_000_000),
    )
    deals = (
        Deal("h-21", "Copperline Robotics", "industrial technology", "US", quarter(2021, 3), 900, 330),
        Deal("h-22", "Nimbus Harbor", "software", "US", quarter(2021, 4), 800, 610, quarter(2025, 3), 500),
        Deal("h-23", "Juniper Ridge Health", "healthcare", "US", quarter(2022, 2), 1000, 150),
        Deal(
            "h-24",
            "Solbakken Batteries",
            "energy",
            "NO",
            quarter(2022, 4),
            750,
            -220,
            quarter(2024, 4),
            -BASIS_POINTS,
        ),
        Deal("h-25", "Fathom Freight", "logistics", "CA", quarter(2023, 3), 850, 420),
        Deal("h-26", "Lanternfish Analytics", "software", "GB", quarter(2024, 2), 900, 280),
        Deal("h-27", "Cedar Loop Recycling", "environment", "US", quarter(2025, 1), 700, 120),
    )
    return FundPlan(
        vehicle,
        commitments(vehicle, "c2", amounts, date(2021, 7, 1)),
        deals,
        quarter(2021, 3),
        LAST,
        seed=23,
        defaulting_investor="lp-010",
        default_quarter=quarter(2024, 2),
        recallable_quarters=frozenset({quarter(2025, 3)}),
        facility_quarters=frozenset({quarter(2022, 2), quarter(2023, 3)}),
        unreported_quarters=frozenset({quarter(2024, 1)}),
        general_partner="lp-012",
    )


def aldersyde() -> list[Fact]:
    """All facts of Aldersyde Partners: a euro fund of 2018 and a dollar fund of 2021, twelve investors."""
    one, two = _first_fund(), _second_fund()
    return [
        *manager_facts(INVESTORS, (one, two)),
        agreed_terms(one, "0.2", "0.08", 12),
        agreed_terms(two, "0.2", "0.08", 12),
    ]
