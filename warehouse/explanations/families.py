# ruff: noqa: E501 - statements read as lines
"""Which rows are the inputs of which metric, and the expression that computes it from them: tables, no branches.

A family is a mart: what it is about, its figures, and the rows that each figure rests on. A mart that is not named
here is explained by the movements, values and promises of what it is about, without a second computation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from warehouse.explanations import accounts, bridge, fees, gross, net, raising, rows

PARTS: Mapping[str, str] = {
    **rows.PARTS, **net.PARTS, **gross.PARTS, **accounts.PARTS, **bridge.PARTS, **fees.PARTS, **raising.PARTS,
}  # fmt: skip

_SOURCE = "source_file, source_row, batch_id"
_NONE = "null::text"


def _use(
    used_for: str, label: str, on_date: str, amount: str, code: str, part: str, *, investor: str = "investor_id",
    vehicle: str = "vehicle_id", source: str = _SOURCE,
) -> str:  # fmt: skip
    return (
        f"select '{used_for}' as used_for, {label} as label, {vehicle} as vehicle_id, {investor} as investor_id, "
        f"{on_date} as on_date, ({amount})::numeric as amount, {code} as currency_code, {source} from {part}"
    )


_MOVEMENT = "replace(concat_ws(' ', kind, purpose, category), '_', ' ')"
_NEWEST = """(select distinct on (m.vehicle_id, m.at, n.investor_id) n.* from moment m join valuation n using (vehicle_id)
      where n.as_of <= m.at and coalesce(m.closed_from > m.at or n.as_of > m.closed_from, true)
        and (n.investor_id is not null
             or not exists (select 1 from valuation a where a.vehicle_id = n.vehicle_id and a.investor_id is not null)
             or exists (select 1 from flow f where f.vehicle_id = n.vehicle_id and f.investor_id is null))
      order by m.vehicle_id, m.at, n.investor_id, n.as_of desc) newest"""
_NEWEST_OF_HOLDING = (
    """(select distinct on (holding_id) * from holding_valuation order by holding_id, as_of desc) newest"""
)
_LAST_TOUCH = "(select * from touch order by occurred_at desc, communication_id limit 1) last_touch"

USES: Mapping[str, str] = {
    "flow": _use("flow", _MOVEMENT, "effective_on", "amount", "currency_code", "flow"),
    "movement": _use("flow", _MOVEMENT, "effective_on", "amount", "currency_code", "moved"),
    "charge": _use("charge", _MOVEMENT, "effective_on", "amount", "currency_code", "charge"),
    "value": _use(
        "value", "concat('net asset value, ', coalesce(basis, 'reported'))", "as_of", "nav_amount", "currency_code",
        _NEWEST,
    ),
    "commitment": _use("commitment", "concat('commitment, ', status)", "signed_on", "amount", "currency_code", "bound"),
    "promise": _use("commitment", "concat('commitment, ', status)", "signed_on", "amount", "currency_code", "promise"),
    "holding_flow": _use(
        "flow", "concat(kind, ' of ', holding_id)", "effective_on", "amount", "currency_code",
        "(select * from holding_flow where effective_on <= at) moved", investor=_NONE,
    ),
    "holding_value": _use(
        "value", "concat('value of ', holding_id, ', ', coalesce(basis, 'reported'))", "as_of", "nav_amount",
        "currency_code", _NEWEST_OF_HOLDING, investor=_NONE,
    ),
    "holding": _use(
        "holding", "concat(holding_id, ', ', coalesce(status, 'held'))", "invested_on", "null", _NONE, "holding",
        investor=_NONE,
    ),
    "vehicle": _use(
        "vehicle", "concat(name, ', ', status)", "opened_on", "target_amount", "currency_code",
        "(select * from dim_vehicle where vehicle_id = any(%(vehicles)s::text[])) vehicle_row", investor=_NONE,
    ),
    "event": _use(
        "move", "concat('moved to ', replace(to_stage, '_', ' '))", "occurred_at::date", "amount", "currency_code", "event"
    ),
    "payment": _use(
        "payment", "concat('payment, ', status)", "attempted_at::date", "amount", "currency_code", "payment"
    ),
    "view": _use(
        "view", "concat('seconds with ', document_name)", "started_at::date", "duration_seconds", _NONE, "view"
    ),
    "fee": _use(
        "charge", "replace(concat_ws(' ', kind, purpose, category), '_', ' ')", "effective_on", "amount", "currency_code", "fee_row"
    ),
    "touch": _use("contact", "concat(channel, ' ', direction)", "occurred_on", "null", _NONE, _LAST_TOUCH),
    "terms": _use(
        "terms", "concat('agreement, life ', life_years, ' years')", "null::date", "null", _NONE,
        "(select * from dim_vehicle_terms where vehicle_id = any(%(vehicles)s::text[])) terms_row", investor=_NONE,
    ),
    "setting": _use(
        "setting", "concat(setting, ' = ', value)", "null::date", "null", _NONE, "setting", investor=_NONE, vehicle=_NONE,
        source="'dbt_project/dbt_project.yml' as source_file, null::bigint as source_row, null::text as batch_id",
    ),
}  # fmt: skip
"""Kind of input -> the statement that lists its rows, in the columns of `Input`; `… where …` narrows them."""

Uses = tuple[tuple[str, str], ...]
"""Kinds of inputs, each with the condition that narrows its rows."""

_ALL = "true"
_PAID_IN: Uses = (("flow", "kind = 'contribution'"),)
_PAID_OUT: Uses = (("flow", "kind = 'distribution'"),)
_FLOWS: Uses = (("flow", _ALL),)
_VALUES: Uses = (("value", _ALL),)
_PROMISES: Uses = (("commitment", "status in ('signed', 'funded')"),)
_UNFUNDED: Uses = (("commitment", "status in ('signed', 'funded', 'cancelled')"), ("flow", "is_within_commitment or is_recallable"))  # fmt: skip
_EVERYTHING: Uses = (("commitment", _ALL), ("movement", _ALL), ("value", _ALL))
_MEMBERS: Uses = _FLOWS + _VALUES
_HOLDINGS: Uses = (("holding_flow", _ALL), ("holding_value", _ALL), ("holding", _ALL))
_SETTING = "setting = '{}'"

_NET_INPUTS: Mapping[str, Uses] = {
    "commitment_amount": _PROMISES,
    "contributed_amount": _PAID_IN,
    "distributed_amount": _PAID_OUT,
    "recallable_amount": (("flow", "is_recallable"),),
    "fees_amount": (("charge", _ALL),),
    "nav_amount": (*_VALUES, ("flow", "effective_on > coalesce((select min(as_of) from valuation), effective_on)")),
    "nav_age_days": _VALUES,
    "unfunded_amount": _UNFUNDED,
    "total_exposure_amount": _UNFUNDED + _VALUES,
    "vehicles": (("commitment", _ALL), ("flow", _ALL), ("value", _ALL)),
    "investors": (("commitment", _ALL), ("flow", _ALL)),
    "dpi": _FLOWS,
    "pic": _PAID_IN + _PROMISES,
    "dpi_netted": _FLOWS,
    "net_cash_amount": _FLOWS,
    "trough_amount": _FLOWS,
    "trough_pct": _FLOWS + _PROMISES,
    **{f"{name}_p{at}": (*_MEMBERS, ("setting", _SETTING.format("quartile_min_members")))
       for name in ("irr", "tvpi", "dpi") for at in (25, 50, 75)},
}  # fmt: skip
_GROSS_INPUTS: Mapping[str, Uses] = {
    "invested_amount": (("holding_flow", "kind = 'investment'"),),
    "proceeds_amount": (("holding_flow", "kind in ('proceeds', 'interest')"),),
}
_OF_CAPITAL = ("invested_share", "top_1_share", "top_5_share", "top_10_share", "hhi", "effective_holdings")
_GROSS_OF_POOL = (
    "invested_amount",
    "proceeds_amount",
    "holdings",
    "holdings_nav_amount",
    "gross_irr",
    "gross_moic",
)


@dataclass(frozen=True)
class Family:
    """A mart as explanations know it.

    `about`: what its rows are about, which says whose rows are inputs (`standing.SCOPES`). `figures`: column -> the
    expression over parts that computes it; a column that is not there is explained but not computed again. `inputs`:
    column -> the rows listed; `otherwise` for the columns that are not there. `has_levels`: levels of an index are
    inputs too. `opens_as_published`: a figure rests on what was known when its opening was published.
    """

    about: str
    figures: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, Uses] = field(default_factory=dict)
    otherwise: Uses = _EVERYTHING
    has_levels: bool = False
    opens_as_published: bool = False


_PERFORMANCE = {k: v for k, v in net.FIGURES.items() if not k.startswith(("ln_pme", "pme_plus", "mpme"))}
_BENCHMARKS = {
    k: v for k, v in net.FIGURES.items() if k.startswith(("ln_pme", "pme_plus", "mpme", "ks_", "direct"))
}
_GROSS_OF_VEHICLE = {name: gross.FIGURES[name] for name in ("gross_irr", "gross_moic")}
_GROSS_INPUTS_OF_VEHICLE = dict.fromkeys(_GROSS_OF_VEHICLE, _HOLDINGS)
_CARRY = ("carry_distributed_amount", "carry_accrued_amount", "clawback_amount", "nav_after_carry_amount")


def _of_period(prefix: str, since: str) -> dict[str, Uses]:
    after = f"effective_on > coalesce({since}, '-infinity')"
    return {
        f"{prefix}opening_amount": _MEMBERS,
        f"{prefix}contributions_amount": (("flow", f"kind = 'contribution' and {after}"),),
        f"{prefix}distributions_amount": (("flow", f"kind = 'distribution' and {after}"),),
        f"{prefix}fees_amount": (("charge", after),),
    }


_ACCOUNT_INPUTS: Mapping[str, Uses] = {
    **_of_period("", "%(since)s::date"), **_of_period("ytd_", "%(year_since)s::date"), **_of_period("itd_", "null::date"),
    "closing_amount": _MEMBERS,
}  # fmt: skip
_EVENTS: Uses = (("event", _ALL),)
_CHANCE: Uses = (("setting", _SETTING.format("stage_probability")),)

FAMILIES: Mapping[str, Family] = {
    "fct_investor_performance": Family("position", _PERFORMANCE, _NET_INPUTS, _MEMBERS),
    "fct_investor_benchmarks": Family("position", _BENCHMARKS, {}, _MEMBERS, True),
    "fct_vehicle_performance": Family(
        "vehicle", {**_PERFORMANCE, **_GROSS_OF_VEHICLE}, {**_NET_INPUTS, **_GROSS_INPUTS_OF_VEHICLE}, _MEMBERS
    ),
    "fct_vehicle_benchmarks": Family("vehicle", _BENCHMARKS, {}, _MEMBERS, True),
    "rpt_investor_portfolio": Family("portfolio", _PERFORMANCE, _NET_INPUTS, _MEMBERS),
    "rpt_portfolio_in_currency": Family("portfolio", _PERFORMANCE, _NET_INPUTS, _MEMBERS),
    "rpt_portfolio_constant_currency": Family("portfolio", _PERFORMANCE, _NET_INPUTS, _MEMBERS),
    "fct_pooled_performance": Family(
        "pool", {**_PERFORMANCE, **{name: gross.FIGURES[name] for name in _GROSS_OF_POOL}},
        {**_NET_INPUTS, **{name: _GROSS_INPUTS.get(name, _HOLDINGS) for name in _GROSS_OF_POOL}}, _MEMBERS,
    ),
    "fct_holding_performance": Family("holding", gross.FIGURES, _GROSS_INPUTS, _HOLDINGS),
    "rpt_holdings": Family("holding", gross.FIGURES, _GROSS_INPUTS, _HOLDINGS),
    "rpt_concentration": Family(
        "vehicle", {**gross.FIGURES, "invested_amount": gross.INVESTED_IN_DEALS},
        {**_GROSS_INPUTS, **dict.fromkeys(_OF_CAPITAL, _HOLDINGS + _MEMBERS)}, _HOLDINGS,
    ),
    "fct_j_curve": Family("vehicle", _PERFORMANCE, _NET_INPUTS, _FLOWS),
    "rpt_pacing": Family(
        "vehicle", net.PACING, {}, (*_UNFUNDED, ("flow", _ALL), ("value", _ALL), ("terms", _ALL), ("setting", "setting like 'pacing%%'"))
    ),
    "rpt_fee_accruals": Family(
        "agreement", fees.FIGURES, {"management_fee_charged_amount": (("fee", _ALL),), **dict.fromkeys(_CARRY, (*_MEMBERS, ("terms", _ALL)))},
        (*_PROMISES, ("holding_flow", _ALL), *_VALUES, ("terms", _ALL)),
    ),
    "fct_capital_account": Family("position", accounts.FIGURES, _ACCOUNT_INPUTS, (*_MEMBERS, ("charge", _ALL))),
    "fct_vehicle_capital_account": Family("accounts", accounts.FIGURES, _ACCOUNT_INPUTS, (*_MEMBERS, ("charge", _ALL))),
    "rpt_value_bridge": Family(
        "bridge", bridge.FIGURES, {name: _ACCOUNT_INPUTS[name] for name in ("contributions_amount", "distributions_amount", "fees_amount")},
        (*_MEMBERS, ("charge", _ALL)), opens_as_published=True,
    ),
    "rpt_commitment_progress": Family(
        "round", raising.PROGRESS,
        {
            "target_amount": (("vehicle", _ALL),), "hard_cap_amount": (("vehicle", _ALL),),
            "committed_pct": (("promise", "status in ('signed', 'funded')"), ("vehicle", _ALL)),
            "committed_amount": (("promise", "status in ('signed', 'funded')"),),
            "investors": (("promise", "status <> 'cancelled'"),),
            "collected_amount": (("payment", _ALL), ("promise", _ALL), ("movement", "kind in ('contribution', 'payment', 'refund')")),
            **{f"{s}_amount": (("promise", f"status = '{s}'"),) for s in ("soft_circled", "signed", "funded")},
        },
    ),
    "rpt_collections": Family(
        "commitment", raising.COLLECTIONS, {"committed_amount": (("promise", "commitment_id = %(commitment)s"),)},
        (("promise", "commitment_id = %(commitment)s"), ("payment", _ALL)),
    ),
    "rpt_pipeline": Family(
        "round", raising.PIPELINE, {"probability": _CHANCE, "weighted_amount": _EVENTS + _CHANCE}, _EVENTS
    ),
    "rpt_funnel": Family("round", raising.FUNNEL, {}, _EVENTS),
    "rpt_round_velocity": Family("round", raising.VELOCITY, {}, _EVENTS),
    "rpt_investor_engagement": Family(
        "round", raising.ENGAGEMENT, {"days_since_last_touch": (("touch", _ALL),)}, (("view", _ALL),)
    ),
    "fct_document_views": Family("view", raising.VIEWS, {}, (("view", _ALL),)),
}  # fmt: skip
"""Mart -> how its numbers are explained."""

_SECTOR = Family(
    "pool", {**dict.fromkeys(_PERFORMANCE, "null::numeric"), **{name: gross.FIGURES[name] for name in _GROSS_OF_POOL}},
    {name: _GROSS_INPUTS.get(name, _HOLDINGS) for name in _GROSS_OF_POOL}, _HOLDINGS,
)  # fmt: skip
"""A sector pools holdings: investors' money is in vehicles, so there is none of it to compute."""

_TOLD_BRIDGE = replace(FAMILIES["rpt_value_bridge"], figures=bridge.TOLD)

UNKNOWN = Family("vehicle")
"""For a mart that came after this table: its inputs are all rows of what it is about."""


def family_of(mart: str, row: Mapping[str, Any]) -> Family:
    """How the numbers of this row are explained."""
    if row.get("pool_by") == "sector":
        return _SECTOR
    return _TOLD_BRIDGE if row.get("currency_basis") == "tenant" else FAMILIES.get(mart, UNKNOWN)
