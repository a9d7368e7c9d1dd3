"""What the two managers of the demo world (`aldersyde`, `quillmark`) have in common: how books are made.

Their ids collide on purpose; their names and amounts do not.
"""

from decimal import Decimal
from itertools import count

from capstan.demo import calendar
from capstan.demo.calendar import quarter
from capstan.demo.facts import Fact, Investor, VehicleTerms
from capstan.demo.fund_plans import BASIS_POINTS, FundPlan
from capstan.demo.funds import FundLife

LAST = quarter(2026, 3)


def manager_facts(investors: tuple[Investor, ...], plans: tuple[FundPlan, ...]) -> list[Fact]:
    """What the books of a manager hold: investors, vehicles, and the lives of the funds."""
    ids = count(1)
    facts: list[Fact] = [*(plan.vehicle for plan in plans), *investors]
    lives = [FundLife(plan, ids).run() for plan in plans]
    for plan, life in zip(plans, lives, strict=True):
        facts += [*life.holdings, *plan.commitments, *life.transactions, *life.allocations, *life.valuations]
    return facts


def agreed_terms(plan: FundPlan, carry_rate: str, hurdle_rate: str, life_years: int) -> VehicleTerms:
    """The agreement that the fund's books follow: the fee on commitments that is charged, from day one.

    Carried interest is of the whole fund, with full catch-up after a hurdle that compounds.
    """
    return VehicleTerms(
        plan.vehicle.vehicle_id,
        str(Decimal(4 * plan.fee) / BASIS_POINTS),
        "committed",
        calendar.last_day(plan.first - 1),
        carry_rate,
        hurdle_rate,
        "30/360",
        life_years,
    )
