"""The round of a company in the portal's world: pipeline, commitments, collections and deal room."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.integration.portal_marts import Filling, fill
from warehouse.tenants import Tenant

STAGES = ("contacted", "meeting", "dd", "term_sheet", "committed", "passed")


def fill_round(filling: Filling, tenant: Tenant) -> None:
    """One priced round, its investors spread over all stages, with payments and readers."""
    base = datetime(2026, 10, 1, 9, tzinfo=UTC)
    common = {"vehicle_id": "V-1", "currency_code": "USD"}
    fill(
        filling,
        "dim_vehicle",
        tenant,
        [
            {
                "vehicle_id": "V-1",
                "name": "Series A",
                "kind": "priced_round",
                "currency_code": "USD",
                "target_amount": 12_000_000,
                "status": "active",
            }
        ],
    )
    fill(
        filling,
        "rpt_commitment_progress",
        tenant,
        [
            {
                **common,
                "vehicle_name": "Series A",
                "vehicle_kind": "priced_round",
                "target_amount": 12_000_000,
                "hard_cap_amount": 15_000_000,
                "opened_on": date(2026, 6, 1),
                "final_close_on": date(2027, 2, 26),
                "soft_circled_amount": 2_750_000,
                "signed_amount": 2_400_000,
                "funded_amount": 5_100_000,
                "collected_amount": 4_650_000,
                "committed_amount": 7_500_000,
                "committed_pct": 0.625,
                "investors": 9,
                "committed_investors": 7,
            }
        ],
    )
    names = [
        f"{first} {second}"
        for first in ("Alder", "Birch", "Cedar", "Dover", "Elm", "Fjord")
        for second in ("Ventures", "Angels", "Partners", "Capital", "Seed")
    ]
    for number, name in enumerate(names):
        stage = STAGES[min(5, number // 5)]
        amount = Decimal(150_000 + number * 37_500)
        fill(
            filling,
            "fct_stage_transitions",
            tenant,
            [
                {
                    **common,
                    "investor_id": f"I-{number:03}",
                    "event_id": f"E-{number}",
                    "investor_name": name,
                    "to_stage": stage,
                    "occurred_at": base + timedelta(hours=number * 30),
                    "days_in_stage": 51 - number,
                    "amount": amount,
                    "is_current": True,
                }
            ],
        )
        if number < 12:
            fill(
                filling,
                "rpt_investor_engagement",
                tenant,
                [
                    {
                        **common,
                        "investor_id": f"I-{number:03}",
                        "investor_name": name,
                        "firm": f"{name} LLC",
                        "visits": 12 - number,
                        "documents_viewed": 1 + number % 4,
                        "seconds": 5400 - number * 390.0,
                        "stage": stage,
                        "amount": amount,
                        "last_viewed_at": base + timedelta(hours=number * 31),
                        "days_since_last_touch": number * 2.0,
                    }
                ],
            )
            for visit in range(1 + number % 3):
                fill(
                    filling,
                    "fct_document_views",
                    tenant,
                    [
                        {
                            "view_id": f"W-{number}-{visit}",
                            "vehicle_id": "V-1",
                            "room_id": "R-1",
                            "document_id": f"D-{(number + visit) % 4}",
                            "investor_id": f"I-{number:03}",
                            "investor_name": name,
                            "document_name": ("Pitch deck", "Financial model", "Cap table", "Term sheet")[
                                (number + visit) % 4
                            ],
                            "document_type": ("pitch_deck", "financials", "cap_table", "legal")[
                                (number + visit) % 4
                            ],
                            "viewer_email": f"{number}@orrin.example",
                            "started_at": base + timedelta(hours=number * 26 + visit),
                            "duration_seconds": 60.0 + 37 * number,
                            "pages_viewed": 3 + number,
                            "pages": 18,
                            "completion_pct": (3 + number) / 18,
                            "is_machine": number == 4,
                            "is_own_team": number == 5,
                            "downloaded": visit == 1,
                            "visit_number": visit + 1,
                        }
                    ],
                )
        if number < 9:
            failed = number == 7
            paid = Decimal(0) if number in (7, 8) else amount
            fill(
                filling,
                "rpt_collections",
                tenant,
                [
                    {
                        **common,
                        "commitment_id": f"C-{number}",
                        "investor_id": f"I-{number:03}",
                        "investor_name": name,
                        "committed_amount": amount,
                        "paid_amount": paid,
                        "outstanding_amount": amount - paid,
                        "attempts": 2 if failed else 1 if paid else 0,
                        "last_attempt_status": "failed" if failed else "succeeded" if paid else None,
                        "last_attempt_at": base + timedelta(days=20) if paid or failed else None,
                        "next_retry_on": date(2026, 10, 28) if failed else None,
                    }
                ],
            )
    for order, stage in enumerate(STAGES):
        fill(
            filling,
            "rpt_pipeline",
            tenant,
            [
                {
                    **common,
                    "stage": stage,
                    "stage_order": order,
                    "vehicle_name": "Series A",
                    "investors": 5,
                    "amount": Decimal(1_000_000 + order * 350_000),
                    "weighted_amount": Decimal(100_000 + order * 200_000),
                    "probability": (0.05, 0.15, 0.4, 0.8, 0.95, 0.0)[order],
                    "median_days_in_stage": 21.5 - order,
                }
            ],
        )
        if stage != "passed":
            entered = 30 - order * 5
            fill(
                filling,
                "rpt_funnel",
                tenant,
                [
                    {
                        "vehicle_id": "V-1",
                        "stage": stage,
                        "stage_order": order,
                        "vehicle_name": "Series A",
                        "entered": entered,
                        "advanced": entered - 5 if order < 4 else None,
                        "passed": 1,
                        "open": 4 if order < 4 else 0,
                        "conversion_rate": (entered - 5) / entered if order < 4 else None,
                        "median_days_to_advance": 12.0 + order,
                    }
                ],
            )
    fill(
        filling,
        "rpt_round_velocity",
        tenant,
        [
            {
                **common,
                "vehicle_name": "Series A",
                "opportunities": 30,
                "won": 5,
                "lost": 5,
                "open": 20,
                "win_rate": 0.5,
                "won_amount": 4_700_000,
                "average_won_amount": 940_000,
                "median_days_to_close": 57.0,
                "velocity_per_day": 82_456.14,
            }
        ],
    )
