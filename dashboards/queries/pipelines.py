"""A round's pipeline: who stands where, how cohorts convert, how fast, and who has gone quiet."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]
SORTS = {
    "Longest in stage": "is_open desc, days_here desc, investor_name, investor_id",
    "Largest amount": "amount desc nulls last, investor_name, investor_id",
    "Latest move": "occurred_at desc, investor_name, investor_id",
    "Name": "investor_name, investor_id",
}


def vehicles(reader: Reader, tenant_id: int) -> list[Row]:
    """The rounds that have a pipeline, the one with the most investors first."""
    return reader.rows(
        """
        select vehicle_id, min(vehicle_name) as vehicle_name, min(currency_code) as currency_code,
               sum(investors) as investors
          from rpt_pipeline
         where tenant_id = %s
         group by vehicle_id
         order by 4 desc, 2, 1
        """,
        (tenant_id,),
    )


def stages(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """What stands in each stage now, in the order of the stages."""
    return reader.rows(
        """
        select stage, stage_order, investors, amount, weighted_amount, probability,
               investors_without_amount, median_days_in_stage, currency_code
          from rpt_pipeline
         where tenant_id = %s and vehicle_id = %s
         order by stage_order
        """,
        (tenant_id, vehicle_id),
    )


def funnel(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """By cohort: entered a stage, and of those ever advanced (nobody from committed), passed, open."""
    return reader.rows(
        """
        select stage, stage_order, entered, advanced, passed, open, conversion_rate, median_days_to_advance
          from rpt_funnel
         where tenant_id = %s and vehicle_id = %s and stage <> 'passed'
         order by stage_order
        """,
        (tenant_id, vehicle_id),
    )


def velocity(reader: Reader, tenant_id: int, vehicle_id: str) -> Row | None:
    """Opportunities, win rate, average won, days to close and velocity of a round."""
    return reader.one(
        """
        select opportunities, won, lost, open, win_rate, won_amount, average_won_amount, median_days_to_close,
               velocity_per_day, currency_code
          from rpt_round_velocity
         where tenant_id = %s and vehicle_id = %s
        """,
        (tenant_id, vehicle_id),
    )


def last_move(reader: Reader, tenant_id: int, vehicle_id: str) -> Row | None:
    """When the newest move of the round happened."""
    return reader.one(
        "select max(occurred_at) as last_move_at from fct_stage_transitions where tenant_id = %s and "
        "vehicle_id = %s",
        (tenant_id, vehicle_id),
    )


def board(reader: Reader, tenant_id: int, vehicle_id: str, cards: int) -> list[Row]:
    """The largest `cards` investors of each stage, by the amount last spoken of, for the board."""
    return reader.rows(
        """
        select stage, investor_id, investor_name, amount, occurred_at, currency_code
          from (select t.to_stage as stage, t.investor_id, t.investor_name, e.amount, t.occurred_at,
                       e.currency_code,
                       row_number() over (partition by t.to_stage order by e.amount desc nulls last,
                                          t.investor_name, t.investor_id) as place
                  from fct_stage_transitions t
                  left join rpt_investor_engagement e
                    on e.tenant_id = t.tenant_id and e.vehicle_id = t.vehicle_id
                   and e.investor_id = t.investor_id
                 where t.tenant_id = %s and t.vehicle_id = %s and t.is_current) as current_moves
         where place <= %s
         order by stage, place
        """,
        (tenant_id, vehicle_id, cards),
    )


_STANDING = """
  from (select t.investor_id, coalesce(t.investor_name, t.investor_id) as investor_name, t.to_stage as stage,
               t.occurred_at, e.amount, e.currency_code,
               t.to_stage not in ('committed', 'passed') as is_open,
               %(today)s::date - (t.occurred_at at time zone %(timezone)s)::date as days_here
          from fct_stage_transitions t
          left join rpt_investor_engagement e
            on e.tenant_id = t.tenant_id and e.vehicle_id = t.vehicle_id and e.investor_id = t.investor_id
         where t.tenant_id = %(tenant_id)s and t.vehicle_id = %(vehicle_id)s and t.is_current) as standing
 where (%(stage)s::text is null or stage = %(stage)s)
   and (%(name)s = '' or strpos(lower(investor_name), lower(%(name)s)) > 0)
   and (%(quiet_days)s = 0 or (is_open and days_here >= %(quiet_days)s))
"""


@dataclass(frozen=True)
class Standing:
    """Which investors of a round to list, as they stand on a day.

    Args:
        vehicle_id: the round.
        today: the day to count until, in the tenant's time zone: how long somebody has been in a stage.
        timezone: the tenant's time zone.
        stage: only those in this stage now.
        name: only those whose name has this in it, in any case.
        quiet_days: only those open and unmoved for so many days; 0 is everybody.
    """

    vehicle_id: str
    today: date
    timezone: str
    stage: str | None = None
    name: str = ""
    quiet_days: int = 0


def matches(reader: Reader, tenant_id: int, standing: Standing) -> int:
    """How many investors match."""
    found = reader.one(
        f"select count(*) as matches {_STANDING}", {"tenant_id": tenant_id, **asdict(standing)}
    )
    return int(found["matches"]) if found else 0


def investors(
    reader: Reader, tenant_id: int, standing: Standing, sort: str, limit: int | None, offset: int
) -> list[Row]:
    """One page of where investors stand, with the days they have been there; `limit` None is all of them.

    Args:
        sort: a key of SORTS.
    """
    return reader.rows(
        f"""
        select investor_id, investor_name, stage, is_open, days_here, occurred_at, amount, currency_code
        {_STANDING}
        order by {SORTS[sort]}
        limit %(limit)s offset %(offset)s
        """,
        {"tenant_id": tenant_id, **asdict(standing), "limit": limit, "offset": offset},
    )
