"""The funds of a manager in the portal's world: vehicles, investors, flows, values and their figures."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.integration.portal_marts import Filling, fill
from warehouse.tenants import Tenant


def quarter_ends(first_year: int, quarters: int) -> list[date]:
    """Consecutive quarter ends from the first of a year on."""
    ends = []
    for number in range(quarters):
        year, quarter = first_year + number // 4, number % 4 + 1
        following = date(year + (quarter == 4), quarter * 3 % 12 + 1, 1)
        ends.append(following - timedelta(days=1))
    return ends


def fill_funds(filling: Filling, tenant: Tenant, name: str, scale: Decimal) -> None:
    """Two vehicles, seven investors, eight years; names begin with `name`, amounts are times `scale`."""
    vehicles = (
        ("V-1", f"{name} Growth Fund I", 2018, "Growth", "EUR"),
        ("V-2", f"{name} Credit II", 2021, "Credit", "USD"),
    )
    investors = [(f"I-{number:03}", f"{name} Investor {number}") for number in range(1, 8)]
    fill(
        filling,
        "dim_investor",
        tenant,
        [
            {
                "investor_id": key,
                "name": title,
                "firm": f"{title} LLP",
                "email": f"{key.lower()}@{tenant.slug}.example",
                "kind": "pension",
                "country_code": "DE",
            }
            for key, title in investors
        ],
    )
    fill(
        filling,
        "dim_vehicle",
        tenant,
        [
            {
                "vehicle_id": key,
                "name": title,
                "kind": "fund",
                "currency_code": currency,
                "vintage_year": vintage,
                "status": "active",
                "strategy": strategy,
            }
            for key, title, vintage, strategy, currency in vehicles
        ],
    )
    ends = quarter_ends(2018, 35)
    portfolio: dict[tuple[str, date], list[Decimal]] = {}
    for number, (vehicle, title, vintage, strategy, currency) in enumerate(vehicles):
        totals: dict[date, list[Decimal]] = {}
        for place, (investor, _) in enumerate(investors):
            commitment = Decimal(1_000_000) * (place + 1) * scale
            paid = back = closing = Decimal(0)
            for step, end in enumerate([end for end in ends if end.year >= vintage]):
                call = commitment * Decimal("0.07") if step < 13 else Decimal(0)
                out = commitment * Decimal("0.06") if step > 12 and step % 3 == 0 else Decimal(0)
                opening, fee = closing, (call * Decimal("0.05")).quantize(Decimal("0.01"))
                gain = (opening * (Decimal("-0.02") if step < 5 else Decimal("0.034"))).quantize(
                    Decimal("0.01")
                )
                closing = opening + call - out - fee + gain
                paid, back = paid + call, back + out
                flows = [("contribution", "investments", -call)] if call else []
                flows += [("distribution", "realized_gain", out)] if out else []
                for kind, purpose, amount in flows:
                    fill(
                        filling,
                        "fct_cash_flows",
                        tenant,
                        [
                            {
                                "vehicle_id": vehicle,
                                "investor_id": investor,
                                "vehicle_name": title,
                                "kind": kind,
                                "transaction_id": f"T-{number}-{place}-{step}-{kind[0]}",
                                "purpose": purpose,
                                "effective_on": end - timedelta(days=20),
                                "settled_on": end - timedelta(days=18),
                                "amount": amount,
                                "currency_code": currency,
                                "is_within_commitment": True,
                                "is_recallable": False,
                                "is_performance_flow": True,
                                "description": '=HYPERLINK("x")' if step == 3 else f"Notice {step + 1}",
                                "batch_id": "b1",
                                "source_file": "transactions.csv",
                                "source_row": step + 2,
                            }
                        ],
                    )
                fill(
                    filling,
                    "fct_capital_account",
                    tenant,
                    [
                        {
                            "vehicle_id": vehicle,
                            "investor_id": investor,
                            "quarter": end,
                            "vehicle_name": title,
                            "opening_amount": opening,
                            "contributions_amount": call,
                            "distributions_amount": out,
                            "fees_amount": fee,
                            "gain_amount": gain,
                            "closing_amount": closing,
                            "ytd_opening_amount": closing - gain - call + out + fee,
                            "ytd_contributions_amount": call + 1,
                            "ytd_distributions_amount": out + 1,
                            "ytd_fees_amount": fee,
                            "ytd_gain_amount": gain,
                            "itd_opening_amount": Decimal(0),
                            "itd_contributions_amount": paid,
                            "itd_distributions_amount": back,
                            "itd_fees_amount": fee,
                            "itd_gain_amount": closing - paid + back + fee,
                            "is_complete": True,
                            "closing_on": end,
                            "nav_status": "reported",
                            "currency_code": currency,
                        }
                    ],
                )
                latest = end == ends[-1]
                row = _performance(
                    title, vintage, strategy, currency, end, latest, commitment, paid, back, closing
                )
                fill(
                    filling,
                    "fct_investor_performance",
                    tenant,
                    [{"vehicle_id": vehicle, "investor_id": investor, **row}],
                )
                for store, key in ((totals, end), (portfolio, (investor, end))):
                    sums = store.setdefault(key, [Decimal(0)] * 4)  # type: ignore[arg-type, attr-defined]
                    store[key] = [a + b for a, b in zip(sums, (commitment, paid, back, closing), strict=True)]  # type: ignore[index]
        for end, (commitment, paid, back, closing) in totals.items():
            row = _performance(
                title, vintage, strategy, currency, end, end == ends[-1], commitment, paid, back, closing
            )
            fill(
                filling,
                "fct_vehicle_performance",
                tenant,
                [
                    {
                        "vehicle_id": vehicle,
                        "investors": len(investors),
                        "gross_irr": 0.214,
                        "gross_irr_status": "ok",
                        "gross_moic": 1.87,
                        **row,
                    }
                ],
            )
        fill(
            filling,
            "rpt_holdings",
            tenant,
            [
                {
                    "holding_id": f"H-{vehicle}-{place}",
                    "vehicle_id": vehicle,
                    "name": f"{name} Holding {place}",
                    "sector": sector,
                    "country_code": "DE",
                    "invested_on": date(vintage, 3 + place, 11),
                    "status": "realized" if place == 2 else "active",
                    "invested_amount": Decimal(2_000_000 + place * 400_000),
                    "proceeds_amount": Decimal(6_100_000 if place == 2 else 0),
                    "nav_amount": Decimal(0 if place == 2 else 3_900_000),
                    "moic": 2.18 if place == 2 else 1.5,
                    "irr": 0.31,
                    "irr_status": "ok",
                    "currency_code": currency,
                }
                for place, sector in enumerate(("Software", "Health", "Industrials", "Energy"))
            ],
        )
    for (investor, end), own in portfolio.items():
        for code, rate in (("EUR", Decimal(1)), ("USD", Decimal("1.25"))):
            marts = ["rpt_portfolio_in_currency"]
            if code == tenant.currency_code:
                marts.append("rpt_investor_portfolio")
            commitment, paid, back, closing = (amount * rate for amount in own)
            row: dict[str, Any] = {
                "investor_id": investor,
                "as_of": end,
                "is_latest": end == ends[-1],
                "is_quarter_end": True,
                "currency_code": code,
                "vehicles": 1 if end.year < 2021 else 2,
                "commitment_amount": commitment,
                "contributed_amount": paid,
                "distributed_amount": back,
                "nav_amount": closing,
                "unfunded_amount": commitment - paid,
                "unfunded_status": "ok",
                "dpi": float(back / paid),
                "rvpi": float(closing / paid),
                "tvpi": float((back + closing) / paid),
                "irr": 0.1432 if code == tenant.currency_code else 0.1687,
                "irr_status": "ok",
                "is_annualized": end.year > 2018,
                "has_facility": True,
                "irr_without_facility": 0.1217,
                "irr_without_facility_status": "ok",
                "tvpi_without_facility": 1.29,
                "fx_status": "ok",
            }
            for mart in marts:
                fill(filling, mart, tenant, [row])
            fill(filling, "rpt_portfolio_constant_currency", tenant, [_constant(row, ends[-1])])


def _constant(row: dict[str, Any], rate_on: date) -> dict[str, Any]:
    """The same portfolio at the rates of one day."""
    left_out = ("commitment_amount", "unfunded_amount", "unfunded_status", "rvpi", "pic", "period_return")
    shared = {name: value for name, value in row.items() if name not in left_out}
    return {**shared, "rate_on": rate_on, "has_foreign_amounts": True, "irr": 0.1311, "tvpi": 1.77}


def _performance(
    title: str,
    vintage: int,
    strategy: str,
    currency: str,
    end: date,
    latest: bool,
    commitment: Decimal,
    paid: Decimal,
    back: Decimal,
    closing: Decimal,
) -> dict[str, Any]:
    several = strategy == "Credit" and latest
    return {
        "as_of": end,
        "vehicle_name": title,
        "vehicle_kind": "fund",
        "vintage_year": vintage,
        "strategy": strategy,
        "is_latest": latest,
        "is_quarter_end": True,
        "commitment_amount": commitment,
        "contributed_amount": paid,
        "distributed_amount": back,
        "recallable_amount": commitment / 100 if vintage == 2018 else Decimal(0),
        "nav_amount": closing,
        "nav_as_of": end - timedelta(days=94) if several else end,
        "nav_status": "rolled" if several else "reported",
        "nav_age_days": 94 if several else 0,
        "unfunded_amount": commitment - paid,
        "unfunded_status": "ok",
        "dpi": float(back / paid),
        "rvpi": float(closing / paid),
        "tvpi": float((back + closing) / paid),
        "pic": float(paid / commitment),
        "irr": None if several else 0.1523,
        "irr_status": "multiple" if several else "ok",
        "irr_roots": [0.08, 0.71] if several else [0.1523],
        "is_annualized": end.year > vintage,
        "period_return": 0.04,
        "ks_pme": 1.12,
        "direct_alpha": 0.021,
        "pme_status": "ok",
        "has_facility": not several and vintage == 2018,
        "irr_without_facility": 0.1391 if vintage == 2018 else None,
        "irr_without_facility_status": "ok" if vintage == 2018 else "no_facility_flows",
        "tvpi_without_facility": 1.37 if vintage == 2018 else None,
        "dpi_netted": 0.21,
        "tvpi_netted": 1.63,
        "total_exposure_amount": commitment - paid + closing,
        "currency_code": currency,
        "fx_status": "ok",
    }
