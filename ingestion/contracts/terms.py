"""Contract of what a vehicle's agreement says on fees, carry and life; money that moved is in `portfolio`."""

from decimal import Decimal

from ingestion.contracts.columns import day, identifier, integer, number, text
from ingestion.contracts.model import Column, Stream
from ingestion.contracts.portfolio import VEHICLE

FEE_BASES = ("committed", "invested", "nav")
COMPOUNDINGS = ("exponential", "simple", "annual")
WATERFALLS = ("european", "american")
DAY_COUNTS = ("ACT/365F", "ACT/360", "30/360", "30E/360", "ACT/ACT")


def _rate(name: str, description: str, maximum: str = "1") -> Column:
    """A fraction a year, or of a profit; blank: the agreement has none, or it is not known."""
    return number(name, description, "fraction", nullable=True, minimum=Decimal(0), maximum=Decimal(maximum))


VEHICLE_TERMS = Stream(
    "vehicle_terms",
    "One row per vehicle: what its agreement says on management fee, carried interest and life.",
    ("vehicle_id",),
    (
        identifier("vehicle_id", "Vehicle whose agreement it is."),
        _rate("management_fee_rate", "Management fee a year, as a fraction of its base."),
        text(
            "management_fee_base",
            "What the fee is a fraction of: commitments, cost of what is held, or NAV.",
            nullable=True,
            allowed=FEE_BASES,
        ),
        day("fee_starts_on", "Day from which the fee accrues; blank: the first close.", nullable=True),
        day("fee_step_down_on", "Day from which the later rate and base hold.", nullable=True),
        _rate("fee_rate_after", "Fee rate from the step-down on; blank: unchanged."),
        text(
            "fee_base_after",
            "Base from the step-down on; blank: unchanged.",
            nullable=True,
            allowed=FEE_BASES,
        ),
        _rate("carry_rate", "Carried interest, as a fraction of profit.", "0.99"),
        _rate("hurdle_rate", "Preferred return a year; blank: none.", "10"),
        text(
            "hurdle_compounding",
            "How the preferred return grows; blank: exponential, an IRR hurdle.",
            nullable=True,
            allowed=COMPOUNDINGS,
        ),
        _rate("catch_up_rate", "Share of the catch-up that the general partner gets; blank: all of it."),
        text(
            "waterfall",
            "Whole fund (european) or deal by deal (american); blank: european.",
            nullable=True,
            allowed=WATERFALLS,
        ),
        text(
            "day_count",
            "Day count of fee and preferred return; blank: ACT/365F.",
            nullable=True,
            allowed=DAY_COUNTS,
        ),
        integer(
            "life_years", "Life of the vehicle from its first flow.", "years", nullable=True, low=1, high=99
        ),
    ),
    (VEHICLE,),
)
