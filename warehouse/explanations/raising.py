# ruff: noqa: E501 - statements read as lines
"""Figures of a raise, computed from rows: promises and payments, moves in the pipeline, deal-room views.

The rules are those of dbt_project/DECISIONLOG.md. Values, returns and comparisons are in `net` and `gross`.
"""

from warehouse.explanations.composing import days_between, known_sum, ratio

# A sum that may not fall below zero is the plain sum less its lowest point so far, where that is negative.
_PAID = """
    select s.commitment_id, s.vehicle_id, s.committed, s.commitment_code,
           case when count(*) filter (where s.direction <> 0 and s.commitment_amount is null) = 0 then
               (array_agg(s.held order by s.attempted_at desc, s.direction asc, s.payment_id desc))[1] end as paid_amount,
           greatest(count(*) filter (where not s.is_refund), max(s.attempt)) as attempts
      from (select h.*, h.direction = -1 and lag(h.held, 1, 0) over oldest_first > 0 as is_refund
              from (select r.*, r.running - least(min(r.running) over oldest_first, 0) as held
                      from (select p.*, coalesce(sum(p.direction * p.commitment_amount) over oldest_first, 0) as running
                              from (select q.*, case when q.status = 'succeeded' then 1
                                                     when q.status = 'refunded' and not q.was_tried then -1 else 0 end
                                                as direction from payment q) p
                            window oldest_first as (partition by commitment_id
                                order by attempted_at, direction desc, payment_id
                                rows between unbounded preceding and current row)) r
                    window oldest_first as (partition by commitment_id
                        order by attempted_at, direction desc, payment_id
                        rows between unbounded preceding and current row)) h
            window oldest_first as (partition by commitment_id order by attempted_at, direction desc, payment_id)) s
     group by s.commitment_id, s.vehicle_id, s.committed, s.commitment_code
"""

_COLLECTED = f"""
    select case when exists (select 1 from paid) then
                (select {known_sum("c.paid_amount * p.vehicle_amount / nullif(p.amount, 0)", "c.commitment_id is not null")}
                   from promise p left join paid c using (commitment_id))
                else (select {known_sum("case kind when 'refund' then -abs(vehicle_amount) else abs(vehicle_amount) end")}
                        from moved where investor_id is not null and kind in ('contribution', 'payment', 'refund')) end
           as amount
"""

_STAGE_ORDER = "array_position(array['contacted', 'meeting', 'dd', 'term_sheet', 'committed', 'passed'], {})"

_ENTERED_AT = "case when m.previous_stage = m.from_stage then m.previous_at end"

_MOVE = """
    select e.*, lag(e.to_stage) over w as previous_stage, lag(e.occurred_at) over w as previous_at
      from event e window w as (partition by e.vehicle_id, e.investor_id order by e.move_number)
"""

_OPPORTUNITY = """
    select e.vehicle_id, e.investor_id, max(e.to_stage) filter (where e.is_current) as stage,
           max(e.occurred_at) filter (where e.is_current) as stage_at, min(e.occurred_at) as first_at, count(*) as moves,
           (array_agg(e.vehicle_amount order by e.move_number desc) filter (where e.amount is not null))[1] as amount,
           coalesce(bool_or(e.amount is not null), false) as is_spoken_of
      from event e group by e.vehicle_id, e.investor_id
"""

_ENTRY = f"""
    select n.*, (select min(m.occurred_at) from move m
                  where m.vehicle_id = n.vehicle_id and m.investor_id = n.investor_id
                    and m.move_number * 2 > n.position and m.to_stage <> 'passed'
                    and {_STAGE_ORDER.format("m.to_stage")} > {_STAGE_ORDER.format("n.stage")}) as advanced_at
      from (select h.vehicle_id, h.investor_id, h.stage, min(h.position) as position,
                   (array_agg(h.entered_at order by h.position))[1] as entered_at
              from (select vehicle_id, investor_id, to_stage as stage, move_number * 2 as position,
                           occurred_at as entered_at from move
                    union all
                    select vehicle_id, investor_id, from_stage, move_number * 2 - 1, null from move
                     where from_stage is not null) h
             group by h.vehicle_id, h.investor_id, h.stage) n
"""

_COHORT = f"""
    select count(*) as entered, count(e.advanced_at) as advanced,
           count(*) filter (where e.advanced_at is null and o.stage = 'passed') as passed,
           count(*) filter (where e.advanced_at is null and o.stage not in ('committed', 'passed')) as open,
           percentile_cont(0.5) within group (order by {days_between("e.entered_at", "e.advanced_at")}) as median_days
      from entry e join opportunity o using (vehicle_id, investor_id)
     where e.stage = %(stage)s
"""

_STANDING = f"""
    select count(*) as investors, {known_sum("amount", "is_spoken_of")} as amount
      from opportunity where stage = %(stage)s
"""

_RACE = f"""
    select count(*) as opportunities, count(*) filter (where stage = 'committed') as won,
           count(*) filter (where stage = 'passed') as lost,
           {known_sum("amount", "stage = 'committed' and is_spoken_of")} as won_amount,
           percentile_cont(0.5) within group (order by {days_between("first_at", "stage_at")})
               filter (where stage = 'committed' and moves > 1) as days
      from opportunity
"""

_PROBABILITY = (
    "select (value ->> %(stage)s)::numeric as probability from setting where setting = 'stage_probability'"
)

_ROUND = "select target_amount, hard_cap_amount from dim_vehicle where vehicle_id = any(%(vehicles)s::text[])"

PARTS = {
    "paid": _PAID, "collected": _COLLECTED, "move": _MOVE, "opportunity": _OPPORTUNITY, "entry": _ENTRY,
    "cohort": _COHORT, "standing": _STANDING, "race": _RACE, "chance": _PROBABILITY, "round": _ROUND,
}  # fmt: skip


def _promised(*statuses: str) -> str:
    among = ", ".join(f"'{status}'" for status in statuses)
    return f"(select {known_sum('vehicle_amount', f'status in ({among})')} from promise)"


_OF_COMMITMENT = "(select amount from fct_commitments where commitment_id = %(commitment)s)"
_IS_DECIDED = "%(stage)s in ('committed', 'passed')"
_COMMITTED = _promised("signed", "funded")

PROGRESS = {
    "target_amount": "(select target_amount from round)",
    "hard_cap_amount": "(select hard_cap_amount from round)",
    "soft_circled_amount": _promised("soft_circled"),
    "signed_amount": _promised("signed"),
    "funded_amount": _promised("funded"),
    "committed_amount": _COMMITTED,
    "committed_pct": ratio(_COMMITTED, "(select target_amount from round)"),
    "collected_amount": "(select amount from collected)",
    "investors": "(select count(distinct investor_id) from promise where status <> 'cancelled')",
}
COLLECTIONS = {
    "committed_amount": _OF_COMMITMENT,
    "paid_amount": "coalesce((select paid_amount from paid), 0)",
    "outstanding_amount": f"{_OF_COMMITMENT} - coalesce((select paid_amount from paid), 0)",
    "attempts": "coalesce((select attempts from paid), 0)",
}
PIPELINE = {
    "amount": "(select amount from standing)",
    "weighted_amount": "(select amount from standing) * (select probability from chance)",
    "probability": "(select probability::double precision from chance)",
    "investors": "(select investors from standing)",
    "median_days_in_stage": f"""(select percentile_cont(0.5) within group
            (order by {days_between(_ENTERED_AT, "m.occurred_at")})
          from move m where m.from_stage = %(stage)s and m.from_stage <> m.to_stage and {_ENTERED_AT} is not null)""",
}
FUNNEL = {
    "entered": "(select entered from cohort)",
    "advanced": f"(select case when not {_IS_DECIDED} then advanced end from cohort)",
    "passed": "(select passed from cohort)",
    "open": "(select open from cohort)",
    "conversion_rate": f"(select case when not {_IS_DECIDED} then {ratio('advanced', 'entered')} end from cohort)",
    "median_days_to_advance": "(select median_days from cohort)",
}
_AVERAGE = "won_amount / nullif(won, 0)"
VELOCITY = {
    "opportunities": "(select opportunities from race)",
    "won": "(select won from race)",
    "lost": "(select lost from race)",
    "open": "(select opportunities - won - lost from race)",
    "win_rate": f"(select {ratio('won', 'won + lost')} from race)",
    "won_amount": "(select won_amount from race)",
    "average_won_amount": f"(select {_AVERAGE} from race)",
    "median_days_to_close": "(select days from race)",
    "velocity_per_day": f"""(select opportunities * ({_AVERAGE})::double precision * {ratio("won", "won + lost")}
            / nullif(days, 0) from race)""",
}
ENGAGEMENT = {
    "visits": "(select count(distinct visit_number) from view)",
    "documents_viewed": "(select count(distinct document_id) from view)",
    "seconds": "(select coalesce(sum(duration_seconds), 0) from view)",
    "days_since_last_touch": """(select e.counted_until - max(t.occurred_on) from touch t
            join rpt_investor_engagement e on e.vehicle_id = t.vehicle_id and e.investor_id = t.investor_id
           group by e.counted_until)""",
}
_PAGES = """(select count(*) from jsonb_array_elements_text(page_seconds) with ordinality as page (seconds, number)
              where page.seconds::numeric > 0 and (pages is null or page.number <= pages))"""
VIEWS = {
    "duration_seconds": "(select duration_seconds from view)",
    "pages_viewed": f"(select {_PAGES} from view where page_seconds is not null)",
    "completion_pct": f"(select {ratio(_PAGES, 'pages')} from view where page_seconds is not null)",
}
