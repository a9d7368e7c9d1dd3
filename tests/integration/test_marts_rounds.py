# ruff: noqa: E501 - rows of data read as lines
"""Pipeline, funnel, deal room and collections of two companies whose ids collide; and the real CRM set."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from ingestion.loading import ingest
from orchestration.lib import dbt_runner
from tests.conftest import Cluster, clone
from tests.integration.marts_world import Rows, World, promise
from tests.integration.raw_rows import load
from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import add_tenant


def move(
    number: int, investor: str, stage: str, at: str, before: str | None = None, amount: object = None
) -> dict[str, Any]:
    return {
        "event_id": f"e{number}", "vehicle_id": "a-round", "investor_id": investor, "from_stage": before,
        "to_stage": stage, "occurred_at": f"{at}T12:00:00Z", "amount": amount,
        "currency_code": None if amount is None else "USD",
    }  # fmt: skip


def view(
    number: int, document: str, investor: str | None, at: str, seconds: int, **more: object
) -> dict[str, Any]:
    return {
        "view_id": f"w{number}", "document_id": document, "investor_id": investor, "started_at": at,
        "duration_seconds": seconds, **more,
    }  # fmt: skip


def company_rows(k: int) -> Rows:
    return {
        "vehicles": [
            {"vehicle_id": "a-round", "kind": "priced_round", "target_amount": 1000 * k, "hard_cap_amount": 1200 * k},
            {"vehicle_id": "quiet", "kind": "safe_round"},
        ],
        "investors": [{"investor_id": f"i{n}", "firm": f"Firm {n}", "email": f"reader{n}@Firm{n}.example"} for n in range(1, 7)],
        "stage_events": [
            move(1, "i1", "contacted", "2024-01-01"),
            move(2, "i1", "meeting", "2024-01-05", "contacted"),
            move(3, "i1", "committed", "2024-01-25", "meeting", 300 * k),
            move(4, "i2", "contacted", "2024-01-02"),
            move(5, "i2", "passed", "2024-01-12", "contacted"),
            move(6, "i3", "meeting", "2024-01-03", "contacted"),
            move(7, "i3", "dd", "2024-01-13", "meeting", 100 * k),
            move(8, "i4", "contacted", "2024-01-04", None, 50 * k),
            move(9, "i5", "contacted", "2024-01-04"),
            move(10, "i5", "committed", "2024-01-14", "contacted", 200 * k),
        ],
        "commitments": [
            promise(1, "a-round", "i1", 300 * k, status="funded"),
            promise(2, "a-round", "i5", 200 * k),
            promise(3, "a-round", "i4", 50 * k, status="soft_circled"),
            promise(4, "a-round", "i6", 80 * k, status="cancelled"),
        ],
        "payments": [
            {"payment_id": "p1", "commitment_id": "c1", "amount": 300 * k, "status": "succeeded", "attempted_at": "2024-02-01T00:00:00Z"},
            {"payment_id": "p2", "commitment_id": "c2", "amount": 200 * k, "status": "failed", "attempted_at": "2024-02-01T09:00:00Z"},
            {"payment_id": "p3", "commitment_id": "c2", "amount": 200 * k, "status": "failed", "attempted_at": "2024-02-02T09:00:00Z"},
        ],
        "deal_rooms": [{"room_id": "room", "vehicle_id": "a-round"}],
        "documents": [{"document_id": "deck", "room_id": "room", "pages": 4}, {"document_id": "legal", "room_id": "room"}],
        "views": [
            view(1, "deck", "i1", "2024-01-10T10:00:00Z", 120, page_seconds=[60, 60, 0, 0]),
            view(2, "legal", "i1", "2024-01-10T10:05:00Z", 60 * k),
            view(3, "deck", "i1", "2024-01-11T10:00:00Z", 30, page_seconds=[0, 0, 15, 15]),
            view(4, "deck", "i1", "2024-01-11T11:00:00Z", 1, user_agent="Mimecast-URL-Checker"),
            view(5, "deck", None, "2024-01-11T12:00:00Z", 500, viewer_email="Maya@Corvid.example"),
            view(6, "deck", None, "2024-01-12T12:00:00Z", 40, viewer_email="Reader2@firm2.example"),
        ],
        "communications": [
            {"communication_id": "m1", "vehicle_id": "a-round", "investor_id": "i1", "channel": "email", "occurred_at": "2024-01-15T23:30:00Z"},
            {"communication_id": "m2", "vehicle_id": "a-round", "investor_id": "i4", "channel": "call", "occurred_at": "2024-02-05T08:00:00Z"},
        ],
    }  # fmt: skip


def refunds() -> list[Rows]:
    """Two deliveries: a payment and its refund; two payments of which the second is told as refunded later."""
    paid = {"amount": 60, "status": "succeeded"}
    return [
        {
            "vehicles": [{"vehicle_id": "refunds", "kind": "safe_round"}],
            "commitments": [promise(n, "refunds", "i5", 120, status="funded") for n in (8, 9)],
            "payments": [
                {"payment_id": "p8", "commitment_id": "c8", **paid, "attempted_at": "2024-02-01T09:00:00Z"},
                {"payment_id": "r8", "commitment_id": "c8", "amount": 25, "status": "refunded", "attempted_at": "2024-02-03T09:00:00Z"},
                {"payment_id": "p9", "commitment_id": "c9", **paid, "attempted_at": "2024-02-01T09:00:00Z"},
                {"payment_id": "q9", "commitment_id": "c9", **paid, "attempted_at": "2024-02-02T09:00:00Z"},
            ],
        },
        {"payments": [{"payment_id": "q9", "commitment_id": "c9", "amount": 60, "status": "refunded", "attempted_at": "2024-02-02T09:00:00Z"}]},
    ]  # fmt: skip


@pytest.fixture(scope="module")
def rounds(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with clone(cluster, tmp_path_factory.mktemp("rounds") / "home", deployed=True) as database:
        tenants = {
            "corvid": add_tenant(
                database, "corvid", name="Corvid", kind="company", currency_code="USD", timezone="Asia/Tokyo"
            ),
            "dunlin": add_tenant(database, "dunlin", name="Dunlin", kind="company", currency_code="USD"),
        }
        rows = {"corvid": company_rows(1), "dunlin": company_rows(3)}
        for slug, streams in rows.items():
            load(database, tenants[slug].tenant_id, streams)
        for streams in refunds():
            load(database, tenants["corvid"].tenant_id, streams)
        _add_team_member(database, tenants["corvid"].tenant_id, "founder@corvid.example")
        dbt_runner.refresh(database)
        yield World(database, tenants, rows)


def _add_team_member(database: Database, tenant_id: int, email: str) -> None:
    with database.connect(roles.ADMIN) as connection:
        connection.execute(
            "with u as (insert into control.app_user (email, display_name, password_hash) values (%s, 'F', 'x') returning user_id) "
            "insert into control.membership (tenant_id, user_id, role) select %s, user_id, 'founder' from u",
            (email, tenant_id),
        )


def of(world: World, mart: str, slug: str, key: str, where: str = "true") -> dict[Any, dict[str, Any]]:
    found = world.select(
        f"select * from marts.{mart} where tenant_id = %s and {where}", world.tenants[slug].tenant_id
    )
    return {row[key]: row for row in found}


@pytest.mark.parametrize(("slug", "k"), [("corvid", 1), ("dunlin", 3)])
def test_progress_keeps_what_is_said_signed_funded_and_collected_apart(
    rounds: World, slug: str, k: int
) -> None:
    row = of(rounds, "rpt_commitment_progress", slug, "vehicle_id")["a-round"]
    assert (row["soft_circled_amount"], row["signed_amount"], row["funded_amount"]) == (
        50 * k,
        200 * k,
        300 * k,
    )
    assert row["committed_amount"] == 500 * k and row["committed_pct"] == 0.5
    assert row["collected_amount"] == 300 * k
    assert (row["investors"], row["committed_investors"]) == (3, 2)
    quiet = of(rounds, "rpt_commitment_progress", slug, "vehicle_id")["quiet"]
    assert quiet["committed_amount"] == 0 and quiet["committed_pct"] is None and quiet["investors"] == 0


@pytest.mark.parametrize(("slug", "k"), [("corvid", 1), ("dunlin", 3)])
def test_pipeline_weighs_the_amounts_of_those_who_stand_in_a_stage(rounds: World, slug: str, k: int) -> None:
    stages = of(rounds, "rpt_pipeline", slug, "stage")
    assert {name: row["investors"] for name, row in stages.items()} == {
        "contacted": 1, "meeting": 0, "dd": 1, "term_sheet": 0, "committed": 2, "passed": 1,
    }  # fmt: skip
    assert stages["dd"]["amount"] == 100 * k and stages["dd"]["weighted_amount"] == 40 * k
    assert stages["committed"]["weighted_amount"] == 500 * k
    assert stages["passed"]["weighted_amount"] == 0 and stages["passed"]["investors_without_amount"] == 1
    assert stages["contacted"]["median_days_in_stage"] == 10.0
    assert stages["meeting"]["median_days_in_stage"] == 15.0


def test_funnel_counts_a_cohort_once_and_splits_it(rounds: World) -> None:
    """i3 was never seen to enter `contacted` but came from it; i5 skipped two stages, which it never entered."""
    stages = of(rounds, "rpt_funnel", "corvid", "stage")
    found = {
        name: (r["entered"], r["advanced"], r["passed"], r["open"], r["conversion_rate"])
        for name, r in stages.items()
    }
    assert found == {
        "contacted": (5, 3, 1, 1, 0.6),
        "meeting": (2, 2, 0, 0, 1.0),
        "dd": (1, 0, 0, 1, 0.0),
        "term_sheet": (0, 0, 0, 0, None),
        "committed": (2, None, 0, 0, None),
        "passed": (1, None, 1, 0, None),
    }
    assert stages["contacted"]["median_days_to_advance"] == 7.0  # 4 and 10 days; i3's entry is unknown


def test_velocity_is_opportunities_times_value_times_rate_over_cycle(rounds: World) -> None:
    row = of(rounds, "rpt_round_velocity", "dunlin", "vehicle_id")["a-round"]
    assert (row["opportunities"], row["won"], row["lost"], row["open"]) == (5, 2, 1, 2)
    assert row["win_rate"] == 2 / 3
    assert row["won_amount"] == 1500 and row["average_won_amount"] == 750
    assert row["median_days_to_close"] == 17.0  # 24 and 10 days
    assert row["velocity_per_day"] == pytest.approx(5 * 750 * (2 / 3) / 17)


def test_days_in_stage_are_known_only_where_the_entry_is(rounds: World) -> None:
    moves = of(rounds, "fct_stage_transitions", "corvid", "event_id")
    assert moves["e2"]["days_in_stage"] == 4.0 and moves["e3"]["days_in_stage"] == 20.0
    assert moves["e1"]["days_in_stage"] is None and moves["e6"]["days_in_stage"] is None
    assert sorted(key for key, row in moves.items() if row["is_current"]) == ["e10", "e3", "e5", "e7", "e8"]


def test_engagement_leaves_machines_and_the_own_team_out_but_shows_them(rounds: World) -> None:
    views = of(rounds, "fct_document_views", "corvid", "view_id")
    assert [views[w]["is_machine"] for w in ("w1", "w2", "w3", "w4", "w5")] == [
        False,
        False,
        False,
        True,
        False,
    ]
    assert [views[w]["is_own_team"] for w in ("w1", "w2", "w3", "w4", "w5")] == [
        False,
        False,
        False,
        False,
        True,
    ]
    assert (views["w1"]["pages_viewed"], views["w1"]["completion_pct"]) == (2, 0.5)
    assert views["w2"]["completion_pct"] is None
    engaged = of(rounds, "rpt_investor_engagement", "corvid", "investor_id")
    row = engaged["i1"]
    assert (row["visits"], row["documents_viewed"], row["seconds"]) == (2, 2, Decimal(210))
    assert row["stage"] == "committed" and row["amount"] == 300
    # 15 January 23:30 UTC is the 16th in Tokyo; the newest thing known is the call of 5 February
    assert row["days_since_last_touch"] == 20
    assert of(rounds, "rpt_investor_engagement", "dunlin", "investor_id")["i1"]["days_since_last_touch"] == 21
    assert views["w6"]["investor_id"] == "i2" and engaged["i2"]["visits"] == 1, "known by e-mail only"
    assert engaged["i4"]["visits"] == 0 and engaged["i6"]["stage"] is None


def test_the_own_team_of_one_tenant_is_a_reader_at_another(rounds: World) -> None:
    assert not of(rounds, "fct_document_views", "dunlin", "view_id")["w5"]["is_own_team"]


def test_team_domains_give_no_address_and_only_to_the_builder(rounds: World) -> None:
    assert rounds.select("select domain from control.team_email_domain") == [{"domain": "corvid.example"}]
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rounds.select("select email from control.app_user")


def test_collections_say_what_is_owed_and_when_it_is_tried_again(rounds: World) -> None:
    rows = of(rounds, "rpt_collections", "corvid", "commitment_id", "vehicle_id = 'a-round'")
    assert set(rows) == {"c1", "c2"}
    assert rows["c1"]["outstanding_amount"] == 0 and rows["c1"]["next_retry_on"] is None
    assert (rows["c2"]["outstanding_amount"], rows["c2"]["attempts"], rows["c2"]["last_attempt_status"]) == (
        200,
        2,
        "failed",
    )
    assert rows["c2"]["next_retry_on"] == date(2024, 2, 4)


def test_a_refund_lowers_what_was_collected_and_a_payment_told_as_refunded_takes_only_itself(
    rounds: World,
) -> None:
    """c8 paid 60 and got 25 back; of c9's two payments the second was corrected, so the first is kept whole."""
    rows = of(rounds, "rpt_collections", "corvid", "commitment_id", "vehicle_id = 'refunds'")
    assert {key: (row["paid_amount"], row["outstanding_amount"]) for key, row in rows.items()} == {
        "c8": (35, 85),
        "c9": (60, 60),
    }
    progress = of(rounds, "rpt_commitment_progress", "corvid", "vehicle_id")["refunds"]
    assert progress["collected_amount"] == 95


def test_all_data_and_unit_tests_of_the_project_pass(rounds: World) -> None:
    assert [(r.name, r.message) for r in dbt_runner.run_tests(rounds.database) if r.status != "pass"] == []
    units = dbt_runner.run_unit_tests(rounds.database)
    assert len(units) >= 12
    assert [(r.name, r.message) for r in units if r.status != "pass"] == []


@pytest.mark.shared
def test_the_real_crm_set_has_its_published_opportunities_and_win_rate(
    database: Database, shared_data: Path
) -> None:
    tenant = add_tenant(database, "crm", name="CRM", kind="company", currency_code="USD")
    ingest(database, "crm", "maven", [shared_data / "crm_pipeline" / "maven" / "sales_pipeline.csv"])
    assert dbt_runner.refresh(database) == ["crm"]
    world = World(database, {"crm": tenant}, {})
    row = of(world, "rpt_round_velocity", "crm", "vehicle_id")["maven-pipeline"]
    assert (row["opportunities"], row["won"], row["lost"], row["open"]) == (8800, 4238, 2473, 2089)
    assert round(row["win_rate"], 6) == 0.631501
    assert row["won_amount"] == 10_005_534
    assert row["median_days_to_close"] == 57.0
    funnel = of(world, "rpt_funnel", "crm", "stage")
    assert (funnel["contacted"]["entered"], funnel["contacted"]["advanced"]) == (8800, 8300)
    assert (funnel["meeting"]["entered"], funnel["meeting"]["advanced"], funnel["meeting"]["passed"]) == (
        8300,
        4238,
        2473,
    )
    assert [(r.name, r.message) for r in dbt_runner.run_tests(database) if r.status != "pass"] == []
