"""The portal's pages, run as Streamlit runs them: each role its own numbers, nobody another's, no page a
traceback."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.connection import connection as portal_connection
from dashboards.navigation import PAGES, pages_for
from dashboards.queries import pipelines, portfolio, transactions
from tests.conftest import Cluster
from tests.integration.portal_world import PASSWORD, served_world
from warehouse import roles, users
from warehouse.database import Database
from warehouse.sessions import viewer_for
from warehouse.tenants import Tenant

APP = Path(__file__).parents[2] / "dashboards" / "app.py"
World = tuple[Database, dict[str, Tenant]]


@pytest.fixture(scope="module")
def world(cluster: Cluster) -> Iterator[World]:
    with served_world(cluster) as served:
        yield served


def opened(database: Database, email: str, page: str | None = None, token: str | None = None) -> AppTest:
    """The portal as this person sees it, on its first page or on another one by file.

    Before a first run AppTest guesses a page's address from its file and opens the first page where it is
    wrong.
    """
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["session_token"] = token or users.sign_in(database, email, PASSWORD)
    if page and next(known.url_path for known in PAGES if known.file == page) != Path(page).stem:
        app.run()
    return (app.switch_page(f"app_pages/{page}") if page else app).run()


def text(app: AppTest) -> str:
    """Everything the page says."""
    assert not app.exception
    words = [element.value for element in (*app.html, *app.markdown, *app.caption)]
    words += [f"{figure.label} {figure.value} {figure.delta}" for figure in app.metric]
    return "\n".join(str(word) for word in words if "<style>" not in str(word))


def figures(app: AppTest) -> dict[str, str]:
    return {figure.label: figure.value for figure in app.metric}


OWN_PAGES = [
    (email, page.file)
    for email, role, kind in (
        ("founder@orrin.example", "founder", "company"),
        ("operator@orrin.example", "operator", "company"),
        ("lp@halden.example", "lp", "manager"),
        ("manager@halden.example", "manager", "manager"),
        ("analyst@halden.example", "analyst", "manager"),
    )
    for page in pages_for(role, kind)
]


HEADINGS = {
    "founder/round.py": "How far is the round",
    "founder/pipeline.py": "Who stands where",
    "founder/deal_room.py": "Who read what",
    "manager/fund.py": "How is it doing, gross and net",
    "manager/track_record.py": "How have our vehicles done together",
    "manager/investors.py": "Who is invested with us",
    "lp/portfolio.py": "How are all my commitments doing",
    "lp/capital_account.py": "How did my balance come about",
    "lp/transactions.py": "Which cash moved when",
    "manager/fund_accounts.py": "books say, what is accrued",
    "operator/data_health.py": "How fresh is what people see",
    "analyst/sql.py": "Ask the marts anything",
}
"""What stands at the head of each page where there is something to show."""


@pytest.mark.parametrize(("email", "file"), OWN_PAGES)
def test_every_page_of_every_role_is_shown_without_an_error(world: World, email: str, file: str) -> None:
    said = text(opened(world[0], email, file))
    assert HEADINGS[file] in said or "Nothing here yet" in said
    assert "Something went wrong" not in said
    assert "Not open to you" not in said
    assert "cap-head" in said or "cap-state" in said


def test_a_founder_sees_how_far_the_round_is(world: World) -> None:
    app = opened(world[0], "founder@orrin.example")
    shown = figures(app)
    assert (shown["Committed"], shown["Target"], shown["Collected"]) == ("$7.50m", "$12.0m", "$4.65m")
    assert "payment has failed: $412,500 from Birch Partners" in text(app)


def test_an_investor_sees_its_own_portfolio_and_what_to_know_about_it(world: World) -> None:
    app = opened(world[0], "lp@halden.example")
    shown, said = figures(app), text(app)
    assert shown["Net IRR"] == "14.3%"
    assert shown["Paid in"] == "€1.82m"
    assert "Halden Growth Fund I" in said
    assert "Several rates solve these cash flows" in said
    assert "94\u00a0days before" in said
    assert "Halden Investor 2" not in said


def test_a_manager_sees_gross_only_beside_net(world: World) -> None:
    labels = [figure.label for figure in opened(world[0], "manager@halden.example").metric]
    assert labels.index("Gross IRR") == labels.index("Net IRR") + 1
    assert labels.index("Gross MOIC") == labels.index("Net TVPI") + 1


REFUSED = [
    ("founder@orrin.example", "manager/fund.py"),
    ("founder@orrin.example", "analyst/sql.py"),
    ("lp@halden.example", "manager/investors.py"),
    ("lp@halden.example", "founder/pipeline.py"),
    ("manager@halden.example", "analyst/sql.py"),
    ("operator@orrin.example", "founder/round.py"),
]


@pytest.mark.parametrize(("email", "file"), REFUSED)
def test_another_roles_page_is_refused_by_its_address_and_not_named_in_the_navigation(
    world: World, email: str, file: str
) -> None:
    app = opened(world[0], email, file)
    title = next(page.title for page in PAGES if page.file == file)
    said = text(app)
    assert "Not open to you" in said
    assert not app.metric
    assert title not in [link.label for link in app.get("page_link")]


def test_a_tenant_without_data_is_told_what_to_do_next(world: World) -> None:
    for file in ("founder/round.py", "founder/pipeline.py", "founder/deal_room.py"):
        said = text(opened(world[0], "founder@empty.example", file))
        assert "Nothing here yet" in said
        assert "CANARY" not in said


def test_a_failing_page_shows_a_reference_that_the_log_has_too(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail of the failure")

    token = users.sign_in(world[0], "lp@halden.example", PASSWORD)
    monkeypatch.setattr(portfolio, "investors", fails)
    with caplog.at_level(logging.ERROR, logger="capstan.portal"):
        said = text(opened(world[0], "lp@halden.example", token=token))
    assert "Something went wrong" in said
    assert "secret detail" not in said
    reference = caplog.records[-1].getMessage().split()[1].rstrip(":")
    assert reference in said


def test_a_revoked_session_loses_the_page_at_the_next_rerun(world: World) -> None:
    token = users.sign_in(world[0], "lp@halden.example", PASSWORD)
    app = opened(world[0], "lp@halden.example", token=token)
    assert app.metric
    users.sign_out(world[0], token)
    said = text(app.run())
    assert "Your session has ended" in said
    assert not app.metric


def test_a_disabled_user_loses_the_page_at_the_next_rerun(world: World) -> None:
    app = opened(world[0], "operator@empty.example")
    assert app.metric
    users.disable_user(world[0], "operator@empty.example")
    assert "Your session has ended" in text(app.run())


def test_a_membership_that_ends_takes_the_page_with_it_at_the_next_rerun(world: World) -> None:
    database, tenants = world
    users.add_user(database, "guest@example.com", tenant="rival", role="manager", password=PASSWORD)
    app = opened(database, "guest@example.com")
    assert "CANARY-RIVAL" in text(app)
    with database.connect(roles.CONTROL_APP) as control:
        control.execute(
            "delete from control.membership where tenant_id = %s and user_id = "
            "(select user_id from control.app_user where email = 'guest@example.com')",
            (tenants["rival"].tenant_id,),
        )
    said = text(app.run())
    assert "not connected to an organisation" in said
    assert "CANARY" not in said


def test_two_tenants_with_the_same_ids_never_meet_in_the_caches(world: World) -> None:
    """Alternating reruns of every shared page: the cache is filled by one tenant while the other reads."""
    files = [page.file for page in pages_for("manager", "manager")]
    ours, theirs = (opened(world[0], f"manager@{slug}.example") for slug in ("halden", "rival"))
    for file in files * 2:
        seen = text(ours.switch_page(f"app_pages/{file}").run())
        other = text(theirs.switch_page(f"app_pages/{file}").run())
        assert "Halden" in seen
        assert "CANARY-RIVAL" not in seen
        assert "CANARY-RIVAL" in other
        assert "Halden" not in other


def test_two_people_of_one_tenant_do_not_share_rows_through_the_cache(world: World) -> None:
    database = world[0]
    users.add_user(
        database,
        "second@halden.example",
        tenant="halden",
        role="lp",
        investor_ids=["I-002"],
        password=PASSWORD,
    )
    first, second = opened(database, "lp@halden.example"), opened(database, "second@halden.example")
    assert "Halden Investor 1" in text(first)
    assert "Halden Investor 2" in text(second)
    assert "Halden Investor 1" not in text(second)
    assert figures(first)["Paid in"] != figures(second)["Paid in"]


def test_a_person_of_two_tenants_switches_and_the_page_follows(world: World) -> None:
    database = world[0]
    for slug in ("halden", "rival"):
        users.add_user(database, "both@example.com", tenant=slug, role="manager", password=PASSWORD)
    app = opened(database, "both@example.com")
    assert "Halden Growth Fund I" in text(app)
    app.radio(key="chosen_tenant").set_value("rival").run()
    said = text(app)
    assert "CANARY-RIVAL Growth Fund I" in said
    assert "Halden Growth" not in said


def test_a_session_that_changes_hands_starts_empty(world: World) -> None:
    app = opened(world[0], "analyst@halden.example", "analyst/sql.py")
    app.text_area(key="s-statement").set_value("select 'left behind' as note").run()
    app.session_state["session_token"] = users.sign_in(world[0], "analyst@rival.example", PASSWORD)
    app.run()
    assert "left behind" not in text(app)
    assert app.text_area(key="s-statement").value != "select 'left behind' as note"


def test_transactions_are_filtered_sorted_and_paged_by_the_database(world: World) -> None:
    app = opened(world[0], "lp@halden.example", "lp/transactions.py")
    assert "1–25 of 36" in text(app)
    app.selectbox(key="t-kind").set_value("distribution").run()
    assert "Contribution" not in "".join(
        element.value for element in app.html if "cap-table" in element.value
    )
    assert "of 10" in text(app)


def test_names_with_markup_in_them_stay_text(world: World) -> None:
    database, tenants = world
    with database.connect(roles.DBT_BUILDER) as connection:
        connection.execute(
            "insert into marts.rpt_collections (tenant_id, commitment_id, vehicle_id, investor_id, "
            "investor_name, "
            "committed_amount, paid_amount, outstanding_amount, currency_code) values (%s, 'C-x', "
            "'V-1', 'I-x', "
            "'<script>alert(1)</script>', 1, 0, 1, 'USD')",
            (tenants["orrin"].tenant_id,),
        )
        connection.execute("commit")
    with database.connect(roles.CONTROL_APP) as control:
        control.execute(
            "update control.data_version set version = version + 1 where tenant_id = %s",
            (tenants["orrin"].tenant_id,),
        )
    said = text(opened(database, "founder@orrin.example"))
    assert "&lt;script&gt;" in said
    assert "<script>" not in said


def test_the_analysts_sql_runs_in_its_own_session_and_explains_refusals(world: World) -> None:
    app = opened(world[0], "analyst@halden.example", "analyst/sql.py")
    app.text_area(key="s-statement").set_value("select distinct name from dim_investor order by 1")
    said = text(app.button[0].click().run())
    assert "Halden Investor 7" in said
    assert "CANARY" not in said
    app.text_area(key="s-statement").set_value("delete from dim_investor")
    said = text(app.button[0].click().run())
    assert "cap-note-warn" in said


def test_days_in_a_stage_run_from_the_latest_move_until_today_in_the_tenants_time_zone(world: World) -> None:
    """`days_in_stage` of the mart is the stay before the move; how long somebody is here depends on today."""
    database, tenants = world
    viewer, tenant_id = viewer_for(database, "founder@orrin.example", "orrin"), tenants["orrin"].tenant_id
    rows = {}
    for timezone in ("UTC", "Pacific/Auckland"):
        standing = pipelines.Standing("V-1", date(2026, 11, 1), timezone, name="alder ventures")
        with portal_connection().sessions.read(viewer) as reader:
            (rows[timezone],) = pipelines.investors(reader, tenant_id, standing, "Name", None, 0)
            assert pipelines.matches(reader, tenant_id, standing) == 1
    assert rows["UTC"]["occurred_at"] == datetime(2026, 10, 1, 9, tzinfo=UTC)
    assert rows["UTC"]["days_here"] == 31
    assert rows["Pacific/Auckland"]["days_here"] == 31
    late = pipelines.Standing("V-1", date(2026, 11, 1), "UTC", quiet_days=21)
    with portal_connection().sessions.read(viewer) as reader:
        quiet = pipelines.investors(reader, tenant_id, late, "Longest in stage", None, 0)
    assert quiet
    assert all(row["is_open"] and row["days_here"] >= 21 for row in quiet)


def test_charges_to_an_account_are_not_added_to_what_was_paid_in(world: World) -> None:
    """Fees inside a contribution appear as charges too; counting both would show more than was ever paid."""
    database, tenants = world
    with database.connect(roles.DBT_BUILDER) as connection:
        connection.execute(
            "insert into marts.fct_cash_flows (tenant_id, vehicle_id, investor_id, transaction_id, "
            "vehicle_name, kind, effective_on, amount, currency_code, is_performance_flow) "
            "values (%s, 'V-1', 'I-002', 'T-fee', 'Fund', 'fee', '2020-01-15', -5000, 'EUR', false)",
            (tenants["rival"].tenant_id,),
        )
    viewer = viewer_for(database, "manager@rival.example", "rival")
    chosen = {"investor_id": "I-002", "vehicle_id": "V-1", "kind": None, "since": None, "until": None}
    with portal_connection().sessions.read(viewer) as reader:
        (row,) = transactions.totals(reader, viewer.tenant_id, **chosen)
        held = portfolio.commitments(reader, viewer.tenant_id, "I-002")
    paid_in = next(line for line in held if line["vehicle_id"] == "V-1")["contributed_amount"]
    assert (row["paid_in"], row["charged"]) == (paid_in, 5000)
