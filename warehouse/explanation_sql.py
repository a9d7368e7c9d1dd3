"""The SQL of explanations: the rows behind a number, and the number computed again from those rows.

Parameters: vehicle, investor (null: all), as_of, is_latest, cancelled, is_closed. Expressions of
`RECOMPUTED`
stand over `flow` (cash flows up to the date), `value` (each account's newest valuation) and `nav`.
"""

from collections.abc import Mapping

FLOWS = """
    select investor_id, kind, purpose, effective_on, amount, currency_code, is_within_commitment,
           is_recallable, transaction_id, source_file, source_row, batch_id
      from fct_cash_flows
     where vehicle_id = %(vehicle)s and (%(investor)s::text is null or investor_id = %(investor)s)
       and is_performance_flow and effective_on <= %(as_of)s
"""

# At the latest date everything that is signed counts, before it what was signed by then.
PROMISES = """
    select commitment_id, investor_id, amount, currency_code, status, signed_on,
           source_file, source_row, batch_id
      from fct_commitments
     where vehicle_id = %(vehicle)s and (%(investor)s::text is null or investor_id = %(investor)s)
       and status in ('signed', 'funded')
       and (%(is_latest)s or signed_on is null or signed_on <= %(as_of)s)
"""

VALUES = """
    select distinct on (investor_id)
           investor_id, as_of, nav_amount, currency_code, basis, source_file, source_row, batch_id
      from fct_valuations
     where vehicle_id = %(vehicle)s and holding_id is null and as_of <= %(as_of)s
       and (%(investor)s::text is null or investor_id = %(investor)s)
     order by investor_id, as_of desc
"""

# The accounts' own values where each account with flows has one, else the vehicle's; rolled by the flows
# The accounts' own values where each account with flows has one, else the vehicle's; rolled by flows since.
NAV = """
    select case
        when %(is_closed)s then 0
        when bool_and(v.investor_id is not null)
            then sum(v.nav_amount - coalesce((select sum(f.amount) from flow f
                                               where f.investor_id = a.investor_id
                                                 and f.effective_on > v.as_of), 0))
        else (select o.nav_amount - coalesce((select sum(amount) from flow where effective_on > o.as_of), 0)
                from value o where o.investor_id is null)
        end as nav_amount
      from (select distinct investor_id from flow) a
      left join value v using (investor_id)
"""

_CONTRIBUTED = "coalesce(-sum(amount) filter (where kind = 'contribution'), 0)"
_DISTRIBUTED = "coalesce(sum(amount) filter (where kind = 'distribution'), 0)"
_CALLED = "coalesce(-sum(amount) filter (where is_within_commitment), 0)"
_RECALLABLE = "coalesce(sum(amount) filter (where is_recallable), 0)"
_VALUE = "(select nav_amount from nav)"
_COMMITMENT = "(select coalesce(sum(amount), 0) from promise)"
_SERIES = f"""(select finance.xirr_detail(s.amount, s.on_date)
                 from (select amount, effective_on from flow
                       union all select {_VALUE}, %(as_of)s::date) as s (amount, on_date)
                where {_VALUE} is not null)"""


def _ratio(part: str, whole: str) -> str:
    return f"(({part})::numeric(60, 30) / nullif({whole}, 0))::double precision"


RECOMPUTED: Mapping[str, str] = {
    "contributed_amount": _CONTRIBUTED,
    "distributed_amount": _DISTRIBUTED,
    "recallable_amount": _RECALLABLE,
    "nav_amount": _VALUE,
    "commitment_amount": _COMMITMENT,
    "unfunded_amount": f"{_COMMITMENT} + %(cancelled)s::numeric - {_CALLED} + {_RECALLABLE}",
    "dpi": _ratio(_DISTRIBUTED, _CONTRIBUTED),
    "rvpi": _ratio(_VALUE, _CONTRIBUTED),
    "tvpi": _ratio(f"{_DISTRIBUTED} + {_VALUE}", _CONTRIBUTED),
    "pic": _ratio(_CONTRIBUTED, _COMMITMENT),
    "irr": f"({_SERIES}).irr",
}
"""Metrics that are computed again from rows."""

FLOWS_THAT_COUNT: Mapping[str, str] = {
    "contributed_amount": "kind = 'contribution'",
    "distributed_amount": "kind = 'distribution'",
    "recallable_amount": "is_recallable",
    "pic": "kind = 'contribution'",
    "unfunded_amount": "is_within_commitment or is_recallable",
    "nav_amount": "effective_on > %(valued)s",
    "commitment_amount": "false",
}
"""Which flows are inputs of a metric; all of them where it is not named here."""


def computed_again(metric: str) -> str:
    """The statement that computes a metric of `RECOMPUTED` from rows, as the column `value`."""
    ctes = f"promise as ({PROMISES}), flow as ({FLOWS}), value as ({VALUES}), nav as ({NAV})"
    return f"with {ctes} select {RECOMPUTED[metric]} as value from flow"
