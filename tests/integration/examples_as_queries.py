# ruff: noqa: E501 - statements and figures read as lines
"""Worked examples whose answer is no single column of a mart: for each the SQL that a reader runs, and what must come out.

The rows that the statements read are those of example_files; arguments that are no rows (term sheets, rates of a
projection) stand in the statement. Figures are the recomputed ones of the examples in tests/data/finance or, where
that folder has none, of the metrics reference. Examples of streams and marts with a test of their own are not here.
"""

import json
from typing import Any

from tests.integration.example_files import KPMG_CAPITAL, figures
from tests.integration.test_finance_index_accounts import priced
from tests.integration.test_finance_rounds import CAP_TABLES, NOTES

Ask = tuple[str, dict[str, Any]]
"""A statement with one row, and the columns that are looked at."""

BY_ID = {
    name: {item["id"]: item for item in figures(name)}
    for name in ("accrual", "pacing", "pme", "pooling", "return", "round", "waterfall")
}
PROJECTION = "finance.takahashi_alexander(100, array[0.25, 0.333, 0.5], 12, 2.5, 0.13, 0)"
PERIOD_END = "date '2026-09-30'"


def all_asks() -> dict[str, Ask]:
    """Every statement, by the id of its example."""
    return {
        **_returns(), **_index_accounts(), **_pools(), **_accruals(), **_projections(), **_waterfalls(),
        **_rounds(), **_reporting_template(), **_engagement(),
    }  # fmt: skip


def _returns() -> dict[str, Ask]:
    mirr, linked, quarters = (BY_ID["return"][key] for key in ("mirr-excel", "twr-lirok", "twr-ruby-ann"))
    rates = f"{mirr['inputs']['finance_rate']}, {mirr['inputs']['reinvest_rate']}"
    asks: dict[str, Ask] = {
        "mirr-excel": (
            f"select finance.mirr(amount, effective_on, {rates}) as mirr from fct_cash_flows where vehicle_id = 'mirr-excel'",
            {"mirr": mirr["recomputed"]},
        ),
        "xnpv-excel-doc": (
            "select finance.xnpv(0.09, amount, effective_on) as npv from fct_cash_flows where vehicle_id = 'xirr-excel-doc'",
            {"npv": 2086.64760203},
        ),
        "twr-lirok": (
            f"select finance.linked_return(r) as twr from unnest(array{linked['inputs']['annual_irrs']}::float8[]) as r",
            {"twr": linked["recomputed"]},
        ),
        "twr-ruby": (
            "select finance.linked_return(r) as twr from unnest(array[0.1, -0.05, 0.08]::float8[]) as r",
            {"twr": BY_ID["return"]["twr-ruby"]["recomputed"]},
        ),
        "twr-ruby-ann": (
            "select finance.annualized_return(finance.linked_return(r), 0.5, true) as rate "
            f"from unnest(array{quarters['inputs']['quarterly']}::float8[]) as r",
            {"rate": quarters["recomputed"]},
        ),
        # printed 12.5 %; and not shown at all unless a rate of under a year is asked for
        "annualise-90day": (
            "select finance.annualized_return(0.03, 90 / 365.0::float8, true) as rate, "
            "finance.annualized_return(0.03, 90 / 365.0::float8) as shown",
            {"rate": BY_ID["return"]["annualise-90day"]["recomputed"], "shown": None},
        ),
        "wf-derived-subline": (
            "select irr_without_facility, tvpi_without_facility, irr, tvpi from fct_investor_performance "
            "where is_latest and vehicle_id = 'wf-derived-subline'",
            {"irr_without_facility": 0.140175425099, "tvpi_without_facility": 1.3, "irr": 0.238095238095, "tvpi": 1.2380952381},
        ),
        # printed of flows netted by day across the four funds; the mart pools gross: 0.5563 and 1.5633
        "polen-total-netted": (
            """
            select
                sum(greatest(f.amount, 0)) / -sum(least(f.amount, 0)) as dpi,
                (sum(greatest(f.amount, 0)) + max(v.nav_amount)) / -sum(least(f.amount, 0)) as tvpi
            from (
                select effective_on, sum(amount) as amount from fct_cash_flows
                where vehicle_id = 'polen-total-netted-multiple' group by effective_on
            ) as f
            cross join (select nav_amount from fct_valuations where vehicle_id = 'polen-total-netted-multiple') as v
            """,
            {"dpi": 0.553219220064, "tvpi": 1.5672099297},
        ),
    }  # fmt: skip
    average_capital: dict[str, dict[str, Any]] = {
        "dietz-bloomberg": {"modified_dietz": 0.0245417751962, "average_capital": 591.236774194},
        "dietz-wiki-120": {"modified_dietz": 1.2},
        # -900 % by the formula: capital below zero has no return
        "dietz-wiki-negcap": {"modified_dietz": None, "dietz_status": "no_capital", "average_capital": -50},
    }
    for key, wanted in average_capital.items():
        asks[key] = (
            f"""
            select d.* from (
                select finance.modified_dietz_detail(
                    f.amount, f.effective_on, v.opening_value, v.closing_value, v.since, v.until
                ) as detail
                from fct_cash_flows as f
                cross join (
                    select
                        min(as_of) as since, max(as_of) as until,
                        (array_agg(nav_amount order by as_of))[1] as opening_value,
                        (array_agg(nav_amount order by as_of desc))[1] as closing_value
                    from fct_valuations where vehicle_id = '{key}'
                ) as v
                where f.vehicle_id = '{key}'
            ) as asked, lateral (select (asked.detail).*) as d
            """,
            wanted,
        )
    return asks


def _index_accounts() -> dict[str, Ask]:
    def account(vehicle: str, value: str) -> str:
        """LN-PME of a vehicle's flows and, at its valuations, `value`."""
        return f"""
            select d.* from (
                select finance.ln_pme_detail(f.amount, f.on_date, l.level, f.nav) as detail
                from (
                    select amount, effective_on as on_date, null::numeric as nav
                    from fct_cash_flows where vehicle_id = '{vehicle}'
                    union all
                    select {value}, as_of, nav_amount * {"null" if value == "0" else "1"}
                    from fct_valuations where vehicle_id = '{vehicle}'
                ) as f
                inner join fct_levels_used as l
                    on l.investor_id = 'lp' and l.index_code = '{vehicle}' and l.on_date = f.on_date
            ) as asked, lateral (select (asked.detail).*) as d
        """

    asks: dict[str, Ask] = {
        # 6.0 % is printed: one of two rates of an account that goes short
        "pme-ggs-icm": (
            account("pme-ggs-2014", "null"),
            {"ln_pme_roots": [-0.272550886699, 0.0596701431386], "ln_pme_status": "short_index"},
        ),
        "pme-ovf-f9": (account("pme-ovf-f9", "null"), {"index_value": -44, "ln_pme_roots": [-0.6, 0.1]}),
        # the source gives no value of the fund
        "pme-insead-ln": (account("pme-insead-plus", "0"), {"index_value": 15.5434782609, "ln_pme": 0.143646330185}),
        "pme-ggs-2014": (
            "select tvpi from fct_investor_performance where is_latest and vehicle_id = 'pme-ggs-2014'",
            {"tvpi": 2},
        ),
    }  # fmt: skip
    for key in ("mpme-pypme-wiki", "xmpme-pypme-11y", "xmpme-pypme-3y"):
        rows = ", ".join(
            f"({'null' if amount is None else amount}, date '{day}', {level}, {'null' if nav is None else nav})"
            for amount, day, level, nav in priced(key)
        )
        recomputed = BY_ID["pme"][key]["recomputed"]
        asks[key] = (
            "select round((100 * finance.mpme(amount::numeric, on_date, level::float8, nav::numeric))::numeric, 6) as pme "
            f"from (values {rows}) as v (amount, on_date, level, nav)",
            {"pme": round(recomputed["pme"], 6)},  # its prices have eight decimals
        )
    return asks


def _pools() -> dict[str, Ask]:
    quartiles, pooled = BY_ID["pooling"]["quartile-method"], BY_ID["pooling"]["pooled-vs-average"]
    parts, typo = BY_ID["pooling"]["kpmg-concentration"], BY_ID["pooling"]["kpmg-concentration-typo"]
    ratios = BY_ID["pooling"]["kpmg-ratios"]["recomputed"]
    capital = parts["inputs"]["partners_capital"]
    return {
        "quartile-method": (
            f"select (finance.quartiles(v)).* from unnest(array{quartiles['inputs']['irrs']}::float8[]) as v",
            {"p75": quartiles["recomputed"]["inclusive_p75"], "median": quartiles["recomputed"]["median"]},
        ),
        "pooled-vs-average": (
            "select irr, mean_irr from fct_pooled_performance where is_latest and pool_id = 'strategy:pooled'",
            {"irr": pooled["recomputed"]["pooled"], "mean_irr": pooled["recomputed"]["simple_average"]},
        ),
        "kpmg-concentration": (
            f"select array_agg(100 * share order by number) as shares from (select v.number, (finance.concentration(v.amount::numeric, {capital}::numeric)).total_share as share "
            f"from unnest(array{list(parts['inputs']['fair_values'].values())}) with ordinality as v (amount, number) group by v.number) as s",
            {"shares": parts["recomputed"]},
        ),
        "kpmg-concentration-typo": (
            f"select 100 * (finance.concentration({typo['inputs']['consumer_technology_US_fair_value']}::numeric, {capital}::numeric)).top_1_share as share",
            {"share": typo["recomputed"]},
        ),
        # printed 1.1 and 2.5 of an average that is not disclosed; these are of the simple one
        "kpmg-ratios": (
            f"""
            select
                -100 * (a ->> 'external_net')::float8 / average as expenses_before_carry,
                -100 * (a ->> 'management_fee_offsets')::float8 / average as offset_pct,
                -100 * (a ->> 'carry_accrued_unrealized')::float8 / average as carry,
                -100 * ((a ->> 'total_costs_net')::float8 + (a ->> 'carry_accrued_unrealized')::float8) / average as expenses_incl_carry,
                -100 * (a ->> 'net_operating_income')::float8 / average as nil
            from (
                select a, ((a ->> 'beginning_nav')::float8 + (a ->> 'ending_nav_net')::float8) / 2 as average
                from (
                    select jsonb_object_agg(line, investor_ytd_amount) as a from fct_ilpa_nav_reconciliation
                    where vehicle_id = '{KPMG_CAPITAL}' and investor_id = 'lp5' and period_end = {PERIOD_END}
                ) as lines
            ) as averaged
            """,
            {"offset_pct": ratios["offset"]} | {key: value for key, value in ratios.items() if key != "offset"},
        ),
    }  # fmt: skip


def _accruals() -> dict[str, Ask]:
    asks: dict[str, Ask] = {
        "wf-atlas-fees": (
            """
            select
                finance.accrue(10000000, 0.02, date '2024-01-01', date '2025-01-01', '30/360') as committed,
                finance.accrue(7500000, 0.02, date '2024-01-01', date '2025-01-01', '30/360') as invested,
                finance.accrue(8000000, 0.02, date '2024-01-01', date '2025-01-01', '30/360') as nav,
                finance.accrue(10000000, 0.02, date '2024-01-01', date '2024-04-01', '30/360') as quarter_committed
            """,
            BY_ID["accrual"]["wf-atlas-fees"]["recomputed"],
        )
    }
    for note in NOTES:
        given = ", ".join(f"{name} => '{value}'" for name, value in note["arguments"].items())
        asks[note["id"]] = (f"select finance.note_balance({given}) as balance", {"balance": note["expected"]})
    return asks


def _projections() -> dict[str, Ask]:
    table, totals, steady, curve = (
        BY_ID["pacing"][key]["recomputed"]
        for key in ("pacing-ta-table", "pacing-ta-metrics", "pacing-ta-steady", "jcurve-ta")
    )
    return {
        "pacing-ta-table": (
            f"""
            select array_agg(contribution order by year) as "C", array_agg(distribution order by year) as "D",
                array_agg(nav order by year) as "NAV" from {PROJECTION}
            """,
            {key: table[key] for key in ("C", "D", "NAV")},
        ),
        "pacing-ta-metrics": (
            f"""
            select sum(contribution) as paid_in, sum(distribution) as distributed,
                sum(distribution) / sum(contribution) as dpi,
                finance.xirr(distribution - contribution + case when year = 12 then nav else 0 end, date '2000-01-01' + 365 * year) as irr
            from {PROJECTION}
            """,
            totals,
        ),
        # 1.75 is printed for what is defined as the start of the year
        "pacing-ta-steady": (
            f"select sum(nav) / 100 as nav_multiplier, 15000 / sum(nav) as annual_commitment, sum(unfunded + contribution) / 100 as unfunded_multiplier from {PROJECTION}",
            steady,
        ),
        "jcurve-ta": (
            f"""
            select (j).trough_amount as max_cumulative_net_outflow, extract(year from (j).trough_on) - 2000 as year,
                extract(year from (j).break_even_on) - 2000 as cash_breakeven_year
            from (select finance.j_curve(distribution - contribution, make_date(2000 + year, 12, 31)) as j from {PROJECTION}) as c
            """,
            curve,
        ),
    }  # fmt: skip


def _waterfalls() -> dict[str, Ask]:
    terms = {
        wording: json.dumps(BY_ID["waterfall"]["wf-kpmg-vs-full"]["terms"] | {"catch_up_to": wording})
        for wording in ("profit", "preferred_return")
    }
    called = ", ".join(
        f"finance.full_catch_up(40, '{text}'::jsonb) as {wording}" for wording, text in terms.items()
    )
    return {"wf-kpmg-vs-full": (f"select {called}", {"profit": 10, "preferred_return": 8})}


def _rounds() -> dict[str, Ask]:
    """The round and its cap table: what `named_figures` of the examples of rounds takes apart."""
    asks: dict[str, Ask] = {}
    for item in CAP_TABLES:
        given = ", ".join(f"'{json.dumps(item[key])}'::jsonb" for key in ("holdings", "instruments", "terms"))
        asks[item["id"]] = (
            f"select to_jsonb(finance.priced_round({given})) as round, "
            f"(select jsonb_agg(to_jsonb(c) order by c.row_number) from finance.cap_table({given}) as c) as cap_table",
            item["expected"],
        )
    sold = BY_ID["round"]["safe-yc-quickstart"]
    cases = ", ".join(
        f"({number}, '{json.dumps([{'name': 's', 'amount': amount, 'cap': cap}])}'::jsonb)"
        for number, (amount, cap) in enumerate(sold["cases"])
    )
    asks["safe-yc-quickstart"] = (
        f"""
        select array_agg(c.ownership_before order by v.number) as ownership
        from (values {cases}) as v (number, instruments),
            finance.cap_table('[{{"holder": "Founders", "shares": 9000000}}]'::jsonb, v.instruments, '{{}}'::jsonb) as c
        where c.instrument = 's'
        """,
        {"ownership": sold["expected"]},
    )
    return asks


def _reporting_template() -> dict[str, Ask]:
    def cells(vehicle: str, investor: str, column: str, *lines: str, mart: str = "nav_reconciliation") -> str:
        spans = ", ".join(f"{column}_{span}_amount" for span in ("qtd", "ytd", "itd"))
        picked = ", ".join(f"max(array[{spans}]) filter (where line = '{line}') as {line}" for line in lines)
        return (
            f"select {picked} from fct_ilpa_{mart} "
            f"where vehicle_id = '{vehicle}' and investor_id = '{investor}' and period_end = {PERIOD_END}"
        )

    def rolled(investor: str, column: str) -> str:
        """The ending NAV less what the preview's own rows leave unexplained ($1 of its QTD columns)."""
        left = "" if column == "total" else f"and investor_id = '{investor}'"
        ends = ", ".join(
            f"{column}_{span}_amount - (select coalesce(sum(unsplit_{span}_amount), 0) from fct_ilpa_nav_reconciliation "
            f"where vehicle_id = 'v2' and period_end = {PERIOD_END} {left})"
            for span in ("qtd", "ytd", "itd")
        )
        return (
            f"select array[{ends}] as ends from fct_ilpa_nav_reconciliation where vehicle_id = 'v2' "
            f"and investor_id = '{investor}' and period_end = {PERIOD_END} and line = 'ending_nav_net'"
        )

    return {
        "ilpa-v2-nav-lp": (rolled("lp5", "investor"), {"ends": [45_673_600] * 3}),
        "ilpa-v2-nav-total": (rolled("lp5", "total"), {"ends": [2_538_269_349, 2_538_269_350, 2_538_269_350]}),
        "ilpa-v2-nav-gp": (rolled("gp", "gp"), {"ends": [351_176_570, 351_176_571, 351_176_571]}),
        "ilpa-v2-mgmt-fee": (
            cells("v2", "lp5", "investor", "management_fees_net"),
            {"management_fees_net": [-104_900, -396_000, -5_061_479]},
        ),
        "ilpa-v2-offset-roll": (
            cells("v2", "lp5", "investor", "unapplied_offsets_start", "unapplied_offsets_end"),
            {"unapplied_offsets_start": [1_000, 5_000, 0], "unapplied_offsets_end": [0, 0, 0]},
        ),
        "ilpa-v2-carry-lp": (
            cells("v2", "lp5", "investor", "carry_end", "ending_nav_gross"),
            {"carry_end": [-5_000_000] * 3, "ending_nav_gross": [50_673_600] * 3},
        ),
        # the preview prints 386,176,571, against the guidance's text
        "ilpa-v2-carry-gp-sign": (
            cells("v2", "gp", "gp", "ending_nav_gross"), {"ending_nav_gross": [316_176_571] * 3},
        ),
        "ilpa-v2-commitment": (
            cells("v2", "lp5", "investor", "unfunded_end", mart="commitment"), {"unfunded_end": [18_500_000] * 3},
        ),
        # the preview prints 12,000 and 129,007
        "ilpa-v2-offset-pct": (
            "select array[offset_at_rate_qtd_amount, offset_at_rate_ytd_amount, offset_at_rate_itd_amount] as offsets "
            "from fct_ilpa_source_allocation where vehicle_id = 'fees' and investor_id = 'lp5' "
            f"and line = 'received_transaction_and_deal' and period_end = {PERIOD_END}",
            {"offsets": [4_000, 4_000, 266_016]},
        ),
        "ilpa-v11-nav-total": (
            cells("v2", "lp5", "total", "placement_fees", "ending_nav_net"),
            {"placement_fees": [0, 0, -2_000_000], "ending_nav_net": [2_538_269_350] * 3},
        ),
        "ilpa-derived-dpi-recallable": (
            "select dpi, tvpi, dpi_netted, tvpi_netted, pic from fct_investor_performance "
            f"where vehicle_id = 'v2' and investor_id = 'lp5' and as_of = {PERIOD_END}",
            {"dpi": 0.542857142857, "tvpi": 1.84781714286, "dpi_netted": 0.483870967742, "tvpi_netted": 1.95721290323, "pic": 0.7},
        ),
        "pcap-3264": (
            f"select investor_qtd_amount as nav from fct_ilpa_nav_reconciliation where vehicle_id = 'pcap' and investor_id = 'lp5' and line = 'ending_nav_net' and period_end = {PERIOD_END}",
            {"nav": 43_126_514},
        ),
        "kpmg-scpc": (
            "select max(investor_ytd_amount) filter (where investor_id = 'lp5') as lp, max(investor_ytd_amount) filter (where investor_id = 'gp') as gp "
            f"from fct_ilpa_nav_reconciliation where vehicle_id = 'kpmg' and line = 'ending_nav_net' and period_end = {PERIOD_END}",
            {"lp": 703_021_000, "gp": 84_219_000},
        ),
    }  # fmt: skip


def _engagement() -> dict[str, Ask]:
    return {
        "papermark-completion": (
            "select round(100 * avg(completion_pct)) as avg_completion_pct, avg(duration_seconds) as avg_view_seconds "
            "from fct_document_views where vehicle_id = 'papermark-completion'",
            {"avg_completion_pct": 47, "avg_view_seconds": 60},
        ),
        # a vendor's formula, written over the marts: ours publishes its parts and no score
        "waafir-score": (
            """
            select v.views * 1 + e.documents_viewed * 3 + c.questions * 5 + e.visits * 2 as score
            from rpt_investor_engagement as e
            inner join (select vehicle_id, investor_id, count(*) as views from fct_document_views group by 1, 2) as v using (vehicle_id, investor_id)
            inner join (select vehicle_id, investor_id, count(*) as questions from fct_communications where direction = 'inbound' group by 1, 2) as c using (vehicle_id, investor_id)
            where e.vehicle_id = 'waafir-score'
            """,
            {"score": 43},
        ),
    }
