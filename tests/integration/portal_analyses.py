"""Comparisons, concentration, pools, J-curve, projection and restatements of the funds in the portal's world.

Figures of each vehicle and investor differ, so that a page that showed another's would be found out. One
vehicle has a subscription line and all its comparisons; of the other most is unknown, for reasons of its own.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tests.integration.portal_marts import Filling, fill
from warehouse.tenants import Tenant

LATEST = date(2026, 9, 30)
EARLIER = date(2026, 6, 30)
KNOWN: dict[str, Any] = {
    "benchmark_code": "MSCI-W",
    "irr": 0.1523,
    "irr_status": "ok",
    "is_annualized": True,
    "ks_pme": 1.12,
    "direct_alpha": 0.021,
    "pme_status": "ok",
    "ln_pme": 0.1012,
    "ln_pme_status": "ok",
    "ln_pme_spread": 0.0511,
    "pme_plus": 0.1034,
    "pme_plus_status": "ok",
    "pme_plus_spread": 0.0489,
    "pme_plus_scale": 0.87,
    "mpme": 0.1056,
    "mpme_status": "ok",
    "mpme_spread": 0.0467,
    "mpme_nav_age_days": 31,
}
UNKNOWN: dict[str, Any] = {
    "benchmark_code": None,
    "irr": None,
    "irr_status": "multiple",
    "is_annualized": True,
    "pme_status": "no_benchmark",
    "ln_pme_status": "no_benchmark",
    "pme_plus_status": "no_benchmark",
    "mpme_status": "no_benchmark",
}


def fill_analyses(filling: Filling, tenant: Tenant, name: str, scale: Decimal) -> None:
    """For the two vehicles of `fill_funds`: names begin with `name`, amounts are times `scale`."""
    vehicles = (("V-1", f"{name} Growth Fund I", "EUR"), ("V-2", f"{name} Credit II", "USD"))
    for vehicle, title, currency in vehicles:
        key = {"vehicle_id": vehicle, "vehicle_name": title}
        dated = {"is_latest": True, "is_quarter_end": True, "currency_code": currency, "fx_status": "ok"}
        compared = KNOWN if vehicle == "V-1" else UNKNOWN
        fill(filling, "fct_vehicle_benchmarks", tenant, [{**key, "as_of": LATEST, **dated, **compared}])
        for number in range(1, 8):
            own = {**compared, "ks_pme": 1 + number / 100} if vehicle == "V-1" else compared
            line = {**key, "investor_id": f"I-{number:03}", "as_of": LATEST, **dated, **own}
            fill(filling, "fct_investor_benchmarks", tenant, [line])
        fill(filling, "fct_j_curve", tenant, j_curve(key, dated, scale, broke_even=vehicle == "V-1"))
        fill(filling, "rpt_concentration", tenant, [concentration(key, dated, known=vehicle == "V-1")])
        fill(filling, "rpt_pacing", tenant, projection(key, currency, scale, known=vehicle == "V-1"))
        fill(filling, "rpt_value_bridge", tenant, bridges(key, currency, scale))
        fill(filling, "fct_ilpa_capital_calls", tenant, capital_calls(key, currency, scale))
        fill(filling, "rpt_restatements", tenant, restatements(key, currency, scale))
        fill(filling, "fct_vehicle_capital_account", tenant, vehicle_accounts(key, currency, scale))
    accrued = {"vehicle_id": "V-1", "vehicle_name": vehicles[0][1], "currency_code": "EUR", "fx_status": "ok"}
    fill(filling, "rpt_fee_accruals", tenant, [{**accrued, **accruals(scale)}])
    lost = {"stream": "transactions", "row_key": "T-99", "vehicle_id": "V-1", "vehicle_name": vehicles[0][1]}
    fill(filling, "rpt_unassigned_amounts", tenant, [{**lost, **unassigned(scale)}])
    fill(filling, "fct_pooled_performance", tenant, pools(tenant.currency_code, scale))
    quote = {
        "investor_id": "I-001", "on_date": LATEST, "base_currency_code": "EUR", "quote_currency_code": "USD",
        "quoted_on": LATEST, "rate": Decimal("1.2500"), "source": "ECB", "source_file": "rates.csv",
        "source_row": 7,
    }  # fmt: skip
    for pair in (("USD", "EUR"), ("EUR", "USD")):
        told = {"from_currency_code": pair[0], "to_currency_code": pair[1], "is_divisor": pair[1] == "EUR"}
        fill(filling, "fct_rates_used", tenant, [{**quote, **told}])


def vehicle_accounts(key: dict[str, Any], currency: str, scale: Decimal) -> list[dict[str, Any]]:
    """Two quarters of limited partners, general partner and both; ten times as much for the former."""
    rows = []
    for quarter, times in ((EARLIER, 1), (LATEST, 2)):
        for party, share in (("lps", 10), ("gp", 1), ("total", 11)):
            unit = share * times * scale
            amounts = {"opening": 90, "contributions": 20, "distributions": 5, "fees": 1, "gain": 6}
            rows.append(
                {
                    **key, "quarter": quarter, "party": party, "closing_on": quarter, "is_complete": True,
                    "accounts": 7 if party == "lps" else 1 if party == "gp" else 8, "currency_code": currency,
                    "closing_amount": 110_000 * unit,
                    **{f"{span}{part}_amount": amount * 1000 * unit + at
                       for at, span in enumerate(("", "ytd_", "itd_")) for part, amount in amounts.items()},
                }
            )  # fmt: skip
    return rows


def accruals(scale: Decimal) -> dict[str, Any]:
    """Fee of a quarter by the terms; carried interest is not known, since no value is."""
    return {
        "as_of": LATEST, "is_latest": True, "is_quarter_end": True, "fee_status": "ok",
        "carry_status": "missing_nav", "management_fee_amount": 12_345 * scale,
        "management_fee_accrued_amount": 54_321 * scale, "management_fee_charged_amount": 50_000 * scale,
    }  # fmt: skip


def unassigned(scale: Decimal) -> dict[str, Any]:
    """A distribution that names no investor."""
    return {
        "reason": "cash_without_investor", "line": "distribution", "effective_on": EARLIER,
        "amount": 4_242 * scale, "currency_code": "EUR", "batch_id": "b-9", "source_file": "cash.csv",
        "source_row": 17,
    }  # fmt: skip


def j_curve(
    key: dict[str, Any], dated: dict[str, Any], scale: Decimal, broke_even: bool
) -> list[dict[str, Any]]:
    """Two dates of a vehicle: below zero, then above it or deeper."""
    shared = {"first_flow_on": date(2018, 3, 11), "commitment_amount": 28_000_000 * scale}
    trough = {"trough_amount": -9_400_000 * scale, "trough_on": date(2021, 2, 11), "trough_pct": 0.3357}
    return [
        {**key, "as_of": EARLIER, **dated, "is_latest": False, **shared, "age_years": 8.3, **trough,
         "net_cash_amount": -1_000_000 * scale, "break_even_on": None},
        {**key, "as_of": LATEST, **dated, **shared, "age_years": 8.55, **trough,
         "net_cash_amount": (700_000 if broke_even else -2_500_000) * scale,
         "break_even_on": date(2026, 7, 9) if broke_even else None},
    ]  # fmt: skip


def concentration(key: dict[str, Any], dated: dict[str, Any], known: bool) -> dict[str, Any]:
    """Weights and losses; where not known, a holding has no value."""
    if not known:
        unknown = {"concentration_status": "missing_value", "loss_status": "missing_value"}
        return {**key, "as_of": LATEST, **dated, "holdings": 4, **unknown}
    return {
        **key, "as_of": LATEST, **dated, "holdings": 4, "holdings_held": 3,
        "loss_ratio_cost": 0.081, "loss_ratio_loss": 0.052, "loss_ratio_count": 0.25, "loss_status": "ok",
        "top_1_share": 0.404, "top_5_share": 0.941, "top_10_share": 0.952, "hhi": 0.2704,
        "effective_holdings": 3.698, "concentration_status": "ok",
    }  # fmt: skip


def projection(key: dict[str, Any], currency: str, scale: Decimal, known: bool) -> list[dict[str, Any]]:
    """A projection of two years, or the status that stands in its place."""
    start = {**key, "as_of": LATEST, "currency_code": currency, "year": 0, "year_ends_on": LATEST}
    if not known:
        return [{**start, "pacing_status": "missing_nav"}]
    amounts = {
        "projected_contribution_amount": 400_000 * scale,
        "projected_distribution_amount": 900_000 * scale,
        "projected_nav_amount": 7_000_000 * scale,
        "pacing_status": "ok",
    }
    ahead = [
        {**start, **amounts, "year": year, "year_ends_on": LATEST.replace(year=2026 + year)}
        for year in (1, 2)
    ]
    return [{**start, **amounts}, *ahead]


def bridges(key: dict[str, Any], currency: str, scale: Decimal) -> list[dict[str, Any]]:
    """What changed the value of two investors in the latest quarter; of one vehicle it is not known."""
    known = key["vehicle_id"] == "V-1"
    return [
        {
            **key, "investor_id": investor, "quarter": LATEST, "currency_code": currency,
            "currency_basis": "vehicle", "opening_on": EARLIER, "closing_on": LATEST, "is_complete": True,
            "opening_amount": part * scale, "late_corrections_amount": 1_234 * scale,
            "method_amount": Decimal(0), "contributions_amount": 7_000 * scale,
            "distributions_amount": 3_000 * scale, "fees_amount": 500 * scale, "fx_amount": Decimal(0),
            "gain_amount": 9_876 * scale if known else None,
            "closing_amount": (part + 14_610) * scale if known else None,
            "opening_published_at": datetime(2026, 7, 10, 9, tzinfo=UTC), "fx_status": "ok",
        }
        for investor, part in (("I-001", Decimal(611_000)), ("I-002", Decimal(822_000)))
    ]  # fmt: skip


def capital_calls(key: dict[str, Any], currency: str, scale: Decimal) -> list[dict[str, Any]]:
    """A call of two investors in the latest quarter."""
    return [
        {
            **key, "investor_id": investor, "effective_on": date(2026, 9, 10),
            "transaction_type": "call_investments", "is_inside_commitment": True, "is_inside_fund": True,
            "due_on": None,
            "investor_amount": amount * scale, "total_amount": -42_000 * scale,
            "unfunded_effect_amount": amount * scale, "unfunded_before_amount": 90_000 * scale,
            "unfunded_after_amount": (90_000 + amount) * scale, "description": "Call",
            "currency_code": currency,
        }
        for investor, amount in (("I-001", Decimal(-7_000)), ("I-002", Decimal(-35_000)))
    ]  # fmt: skip


def restatements(key: dict[str, Any], currency: str, scale: Decimal) -> list[dict[str, Any]]:
    """A value of two investors and of the vehicle that became another, and a rate that became unknown."""
    moved = {
        **key, "as_of": EARLIER, "known_from": datetime(2026, 8, 3, 9, tzinfo=UTC), "change": "changed",
        "published_at": datetime(2026, 7, 10, 9, tzinfo=UTC), "cause": "rows", "causes": 2,
        "cause_stream": "valuations", "source_file": "late-valuations.csv",
        "metric": "nav_amount", "unit": "money", "currency_code": currency,
    }  # fmt: skip
    amounts = {"old_value": 1_000_000 * scale, "new_value": 1_050_000 * scale, "difference": 50_000 * scale}
    lines = [
        {
            **moved, **amounts, "mart": "fct_investor_performance", "investor_id": investor,
            "cause_key": f"{key['vehicle_id']}, {investor}", "source_row": row,
        }
        for investor, row in (("I-001", 17), ("I-002", 4711))
    ]  # fmt: skip
    vehicle = {**moved, **amounts, "mart": "fct_vehicle_performance", "investor_id": None, "source_row": 17}
    rate = {
        "metric": "irr", "unit": "fraction", "currency_code": None, "old_value": Decimal("0.12"),
        "new_value": None, "difference": None, "new_status": "multiple", "change": "became unknown",
        "cause": "rates", "causes": 0, "cause_stream": None, "source_file": None, "source_row": None,
    }  # fmt: skip
    unseen = {
        "metric": "tvpi", "unit": "multiple", "currency_code": None, "old_value": Decimal("1.4"),
        "new_value": Decimal("1.40000000001"), "difference": Decimal("0.00000000001"), "cause": "method",
        "causes": 0, "source_file": None, "source_row": None,
    }  # fmt: skip
    return [*lines, vehicle, {**vehicle, **rate}, {**vehicle, **unseen}]


def pools(currency: str, scale: Decimal) -> list[dict[str, Any]]:
    """All vehicles, two vintages, peers with and without quartiles, and a sector with gross figures only."""
    shared = {
        "as_of": LATEST, "is_latest": True, "is_quarter_end": True, "currency_code": currency,
        "fx_status": "ok", "vehicles": 2, "members_with_irr": 2, "is_annualized": True,
        "nav_status": "reported", "unfunded_status": "ok", "commitment_amount": 56_000_000 * scale,
        "contributed_amount": 40_000_000 * scale, "distributed_amount": 16_000_000 * scale,
        "nav_amount": 36_000_000 * scale, "unfunded_amount": 16_000_000 * scale, "dpi": 0.4,
        "rvpi": 0.9, "tvpi": 1.3, "irr": 0.0912, "irr_status": "ok", "mean_irr": 0.0834, "median_irr": 0.0821,
        "mean_tvpi": 1.27, "median_tvpi": 1.26, "gross_irr": 0.1389, "gross_irr_status": "ok",
        "gross_moic": 1.71, "quartile_status": "not_peers", "has_facility": True,
        "irr_without_facility": 0.0811, "irr_without_facility_status": "ok", "tvpi_without_facility": 1.34,
    }  # fmt: skip
    no_line = {
        "has_facility": False, "irr_without_facility": None, "tvpi_without_facility": None,
        "irr_without_facility_status": "no_facility_flows",
    }  # fmt: skip
    net = ("dpi", "rvpi", "tvpi", "irr", "contributed_amount", "nav_amount", "vehicles", "members_with_irr")
    gross_only = {**dict.fromkeys(net), "irr_status": "gross_only", "nav_status": None}
    quartiles = {
        "irr_p25": 0.061, "irr_p50": 0.097, "irr_p75": 0.142, "tvpi_p25": 1.11, "tvpi_p50": 1.33,
        "tvpi_p75": 1.58, "dpi_p25": 0.21, "dpi_p50": 0.44, "dpi_p75": 0.83,
    }  # fmt: skip
    dollars = {"currency_code": "USD", "contributed_amount": 50_000_000 * scale}
    one = {
        "currency_code": "USD", "vehicles": 1, "contributed_amount": 9_000_000 * scale, "irr": None,
        "irr_status": None, "fx_status": "missing_rate",
        "fx_reason": "No rate from EUR to USD on 2018-03-15 or within 5 business days before it",
    }  # fmt: skip
    named: tuple[tuple[str, str | None, dict[str, Any]], ...] = (
        ("told_in", "USD", dollars),
        ("vehicle", "V-1 / USD", one),
        ("all", None, {}),
        ("vintage", "2018", {"irr": 0.1523}),
        ("vintage", "2021", {"irr": None, "irr_status": "multiple", **no_line}),
        ("peers", "2018 / Growth / EUR", {"quartile_status": "ok", **quartiles}),
        ("peers", "2021 / Credit / USD", {"quartile_status": "too_few_members"}),
        ("sector", "Software", {**gross_only, **no_line}),
    )
    return [
        {
            **shared,
            "pool_id": f"{kind}:{value}" if value else kind,
            "pool_by": kind,
            "pool_value": value,
            **changed,
        }
        for kind, value, changed in named
    ]
