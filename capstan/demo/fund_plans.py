"""What is decided of a fund beforehand: who commits, what is bought and sold when. Its life is `funds`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from capstan.demo.facts import Cents, Commitment, Vehicle

BASIS_POINTS = 10_000


@dataclass(frozen=True)
class Deal:
    """A company bought in one quarter and sold in another (or still held).

    `cost` is in basis points of all commitments; `growth` is the mean growth a quarter, in basis points;
    `exit_growth` replaces the last quarter's growth: -10,000 is a write-off.
    """

    holding_id: str
    name: str
    sector: str
    country_code: str
    bought: int
    cost: int
    growth: int
    sold: int | None = None
    exit_growth: int = 0


@dataclass(frozen=True)
class FundPlan:
    """What decides a fund's life. Quarters are running numbers (`calendar.quarter`), rates basis points.

    In `facility_quarters` a subscription line buys the companies; the call repays it with interest. One that
    names its `general_partner` has an administrator who states the lines of ILPA's Reporting Template.
    """

    vehicle: Vehicle
    commitments: tuple[Commitment, ...]
    deals: tuple[Deal, ...]
    first: int
    last: int
    seed: int
    fee: int = 50
    late_investor: str | None = None
    late_quarter: int = 0
    defaulting_investor: str | None = None
    default_quarter: int = 0
    placement_fee_investor: str | None = None
    recallable_quarters: frozenset[int] = frozenset()
    facility_quarters: frozenset[int] = frozenset()
    unreported_quarters: frozenset[int] = frozenset()
    final_distribution_on: date | None = None
    general_partner: str | None = None


def commitments(
    vehicle: Vehicle, prefix: str, amounts: Iterable[tuple[str, int]], signed_on: date
) -> tuple[Commitment, ...]:
    """Funded commitments of a fund; amounts are whole units of its currency, by investor id."""
    return tuple(
        Commitment(
            f"{prefix}-{investor_id}",
            vehicle.vehicle_id,
            investor_id,
            Cents(amount * 100),
            vehicle.currency_code,
            "funded",
            signed_on,
        )
        for investor_id, amount in amounts
    )
