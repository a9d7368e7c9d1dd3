# ruff: noqa: F401, F811 - a fixture is imported by its name
"""The whole way, end to end: the demo runs once, then every surface is asked and compared with the truth."""

import email
import json
from collections.abc import Iterator
from datetime import date
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from capstan.demo.passwords import password_of
from capstan.demo.people import FOUNDER, LP, MANAGER, PEOPLE
from capstan.demo.truth import Rates, Truth
from capstan.demo.world import demo_world
from capstan.demonstration import folder_of
from dashboards import connection
from ingestion.quarantine import list_quarantined
from reporting.presentation.metric_register import metric
from tests.e2e.demo_run import Demo, as_stored, demo, differences, rate_of, run
from warehouse import roles
from warehouse.database import Database
from warehouse.explanations import MetricText, explain
from warehouse.sessions import Sessions, viewer_for
from warehouse.users import sign_in

APP = Path(__file__).parents[2] / "dashboards" / "app.py"
WORLDS = {world.slug: world for world in demo_world()}
MANAGERS = ("aldersyde", "quillmark")
FUNDS = ("fund-1", "fund-2")
PERFORMANCE = (
    "commitment_amount", "contributed_amount", "distributed_amount", "recallable_amount", "unfunded_amount",
    "nav_amount", "nav_as_of", "dpi", "rvpi", "tvpi", "pic",
)  # fmt: skip
EXPLAINED = (
    "commitment_amount", "contributed_amount", "distributed_amount", "nav_amount", "unfunded_amount", "tvpi",
    "irr", "ks_pme", "mpme",
)  # fmt: skip
ACCOUNT = (
    "opening_amount", "contributions_amount", "distributions_amount", "fees_amount", "gain_amount",
    "closing_amount",
)  # fmt: skip


def test_every_row_of_every_file_meets_its_fate(demo: Demo) -> None:
    """accepted + unchanged + quarantined = read, with the numbers that the generator foretells."""
    loaded = {
        (item["stream"], item["read"], item["accepted"], item["unchanged"], item["quarantined"])
        for item in demo.document["batches"]
    }
    foretold = {
        (file.stream, file.read, file.accepted, file.unchanged, file.quarantined)
        for world in WORLDS.values()
        for file in world.files
    }
    assert loaded == foretold
    assert len(demo.document["batches"]) == sum(len(world.files) for world in WORLDS.values())


@pytest.mark.parametrize("slug", ["orrery-grid", *MANAGERS])
def test_quarantine_holds_exactly_the_broken_rows_with_the_column_at_fault(demo: Demo, slug: str) -> None:
    found = {
        (row.stream, row.row_number, row.column or "transaction_id")
        for row in list_quarantined(demo.database, slug)
    }
    foretold = {
        (file.stream, refusal.row_number, refusal.column)
        for file in WORLDS[slug].files
        for refusal in file.refusals
    }
    assert foretold <= found
    assert {row[:2] for row in found} == {row[:2] for row in foretold}


@pytest.mark.parametrize("slug", MANAGERS)
def test_multiples_of_every_investor_at_every_date_are_exactly_the_truth(demo: Demo, slug: str) -> None:
    truth = Truth(WORLDS[slug])
    marts = {
        (r["vehicle_id"], r["investor_id"], r["as_of"]): r
        for r in demo.rows("fct_investor_performance", slug)
    }
    foretold = {
        (fund, investor, day)
        for fund in FUNDS
        for investor in truth.members(fund)
        for day in truth.as_of_dates(fund, investor)
    }
    assert marts.keys() == foretold
    wrong = {key: differences(row, truth.performance(*key), PERFORMANCE) for key, row in marts.items()}
    assert {key: found for key, found in wrong.items() if found} == {}


@pytest.mark.parametrize("slug", MANAGERS)
def test_multiples_of_every_fund_at_every_date_are_exactly_the_truth(demo: Demo, slug: str) -> None:
    truth = Truth(WORLDS[slug])
    marts = {(row["vehicle_id"], row["as_of"]): row for row in demo.rows("fct_vehicle_performance", slug)}
    assert marts.keys() == {(fund, day) for fund in FUNDS for day in truth.as_of_dates(fund, None)}
    wrong = {
        key: differences(row, truth.performance(key[0], None, key[1]), PERFORMANCE)
        for key, row in marts.items()
    }
    assert {key: found for key, found in wrong.items() if found} == {}


@pytest.mark.parametrize("slug", MANAGERS)
def test_rates_of_return_agree_with_an_independent_solver(demo: Demo, slug: str) -> None:
    truth = Truth(WORLDS[slug])
    rows = demo.rows("fct_investor_performance", slug) + demo.rows("fct_vehicle_performance", slug)
    known = [row for row in rows if row["nav_amount"] is not None]
    assert len(known) > 150
    assert {row["irr_status"] for row in known} == {"ok"}
    for row in known:
        standing = truth.performance(row["vehicle_id"], row.get("investor_id"), row["as_of"])
        assert row["irr"] == pytest.approx(
            rate_of(standing.cash_flows, row["as_of"], standing.nav_amount), abs=1e-9
        )
    for row in rows:
        if row["nav_amount"] is None:
            assert (row["irr"], row["tvpi"], row["nav_status"]) == (None, None, "missing")
            assert row["dpi"] is not None


@pytest.mark.parametrize("slug", MANAGERS)
def test_capital_accounts_roll_forward_as_the_books_do(demo: Demo, slug: str) -> None:
    truth = Truth(WORLDS[slug])
    rows = demo.rows("fct_capital_account", slug)
    assert len(rows) > 90
    keys = [(row["vehicle_id"], row["investor_id"], row["quarter"]) for row in rows]
    wrong = [
        differences(row, truth.capital_account(*key), ACCOUNT) for key, row in zip(keys, rows, strict=True)
    ]
    assert [found for found in wrong if found] == []


@pytest.mark.parametrize("slug", MANAGERS)
def test_portfolios_convert_each_flow_at_the_rate_of_its_own_day(demo: Demo, slug: str) -> None:
    truth, rates = Truth(WORLDS[slug]), Rates(WORLDS["platform"])
    latest = [row for row in demo.rows("rpt_investor_portfolio", slug) if row["is_latest"]]
    assert {row["investor_id"] for row in latest} == {who for fund in FUNDS for who in truth.members(fund)}
    for row in latest:
        whole = truth.portfolio(row["investor_id"], row["as_of"], rates)
        assert differences(row, whole, ("contributed_amount", "distributed_amount", "nav_amount")) == {}
        assert row["irr"] == pytest.approx(
            rate_of(whole.cash_flows, row["as_of"], whole.nav_amount), abs=1e-9
        )


def test_the_round_its_funnel_and_its_win_rate_are_the_truth(demo: Demo) -> None:
    truth = Truth(WORLDS["orrery-grid"])
    columns = ("soft_circled_amount", "signed_amount", "funded_amount", "collected_amount", "investors")
    for row in demo.rows("rpt_commitment_progress", "orrery-grid"):
        assert differences(row, truth.progress(row["vehicle_id"]), columns) == {}
    funnel = truth.funnel("series-a")
    found = {row["stage"]: row for row in demo.rows("rpt_funnel", "orrery-grid")}
    assert found.keys() == funnel.keys()
    for stage, expected in funnel.items():
        assert differences(found[stage], expected, ("entered", "advanced", "passed", "open")) == {}
    (velocity,) = [r for r in demo.rows("rpt_round_velocity", "orrery-grid") if r["vehicle_id"] == "series-a"]
    assert velocity["win_rate"] == as_stored(truth.win_rate("series-a"))


def test_machines_and_the_own_team_are_told_from_readers(demo: Demo) -> None:
    rows = {row["view_id"]: row for row in demo.rows("fct_document_views", "orrery-grid")}
    views = [fact.as_row() for fact in WORLDS["orrery-grid"].of("views")]
    machines = {view["view_id"] for view in views if not view["user_agent"].startswith("Mozilla/5.0 (M")}
    machines -= {
        view["view_id"]
        for view in views
        if view["user_agent"].startswith(("Mozilla/5.0 (W", "Mozilla/5.0 (i"))
    }
    team = {view["view_id"] for view in views if view["viewer_email"].endswith("@orrerygrid.example")}
    assert rows.keys() == {view["view_id"] for view in views}
    assert {key for key, row in rows.items() if row["is_machine"]} == machines
    assert {key for key, row in rows.items() if row["is_own_team"]} == team
    assert len(machines) > 10 and len(team) > 10


def fingerprints(database: Database) -> dict[str, str]:
    """A hash of the rows of each table of raw, marts and control, except what a sign-in writes."""
    with database.connect(roles.ADMIN) as connection:
        names = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables "
            "where schemaname in ('raw', 'marts', 'control') "
            "and tablename not in ('web_session', 'sign_in_throttle')"
        ).fetchall()
        return {
            name: connection.execute(
                f"select md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '')) from {name} t"
            ).fetchone()[0]
            for (name,) in names
        }


def test_a_second_run_changes_no_row_and_sends_no_mail(demo: Demo) -> None:
    before, mails = fingerprints(demo.database), sorted((demo.database.home / "mail").iterdir())
    stamps = [path.stat().st_mtime_ns for path in mails]
    code, out, err = run(demo.database, "demo", "--no-serve", "--json")
    again = json.loads(out)
    assert code == 0, err
    assert (again["batches"], again["refreshed"], again["reports_sent"]) == ([], [], 0)
    assert again["sign_ins"] == demo.document["sign_ins"]
    assert fingerprints(demo.database) == before
    assert len(before) > 30
    assert sorted((demo.database.home / "mail").iterdir()) == mails
    assert [path.stat().st_mtime_ns for path in mails] == stamps


@pytest.mark.parametrize(
    ("slug", "names"),
    [("aldersyde", "Carrow & Denne Family Office"), ("quillmark", "Carrow & Denne Holdings")],
)
def test_query_as_an_lp_shows_its_own_rows_of_that_tenant_only(demo: Demo, slug: str, names: str) -> None:
    """The same person, the same investor id, two managers: each session knows one of them."""
    words = ("query", slug, "--as", LP.email, "--json")
    found = json.loads(run(demo.database, *words, "select investor_id, name from dim_investor")[1])
    assert found == [{"investor_id": "lp-003", "name": names}]
    (count,) = json.loads(
        run(
            demo.database,
            *words,
            "select count(*) as n, count(distinct investor_id) as who from fct_cash_flows",
        )[1]
    )
    own = [r for r in demo.rows("fct_cash_flows", slug) if r["investor_id"] == "lp-003"]
    assert count == {"n": len(own), "who": 1}


def portal(demo: Demo, email_address: str) -> AppTest:
    """The portal's first page for this person."""
    password = password_of(demo.database.secrets_dir, email_address)
    assert password is not None
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["session_token"] = sign_in(demo.database, email_address, password)
    return app.run()


@pytest.fixture
def served(demo: Demo) -> Iterator[Demo]:
    """The portal of this process serves the demo."""
    st.cache_data.clear()
    connection.use(demo.database)
    yield demo
    connection.close()
    st.cache_data.clear()


def said(app: AppTest) -> str:
    """Everything that the page says."""
    assert not app.exception
    words = [str(element.value) for element in (*app.html, *app.markdown, *app.caption)]
    return "\n".join([*words, *(f"{figure.label}: {figure.value}" for figure in app.metric)])


@pytest.mark.parametrize(
    ("who", "own", "foreign"),
    [
        (FOUNDER.email, "Series A", "Aldersyde"),
        (MANAGER.email, "Aldersyde Growth I", "Quillmark"),
        (LP.email, "Aldersyde Growth I", "Tolvik"),
    ],
)
def test_each_sign_in_reads_its_own_numbers(served: Demo, who: str, own: str, foreign: str) -> None:
    app = portal(served, who)
    text = said(app)
    assert own in text
    assert foreign not in text
    assert "Something went wrong" not in text
    assert len(app.metric) >= 3


def test_the_founders_page_shows_the_committed_total_of_the_truth(served: Demo) -> None:
    progress = Truth(WORLDS["orrery-grid"]).progress("series-a")
    shown = {figure.label: figure.value for figure in portal(served, FOUNDER.email).metric}
    millions = (progress.signed_amount + progress.funded_amount) / 1_000_000
    assert shown["Committed"] == f"${millions:.2f}m"


def mails(demo: Demo) -> list[EmailMessage]:
    """All mail that the demo delivered."""
    paths = sorted((demo.database.home / "mail").glob("*.eml"))
    return [email.message_from_bytes(path.read_bytes(), policy=default) for path in paths]  # type: ignore[misc]


def test_every_lp_got_one_statement_a_manager_with_a_pdf_attached(demo: Demo) -> None:
    delivered = sorted(str(mail["To"]) for mail in mails(demo))
    lps = sorted(person.email for person in PEOPLE if person.role == "lp")
    assert [address for address in lps if any(address in to for to in delivered)] == lps
    assert len(delivered) == len(lps)
    for mail in mails(demo):
        attached = [part for part in mail.iter_attachments() if part.get_content_type() == "application/pdf"]
        assert attached and all(part.get_content().startswith(b"%PDF") for part in attached)


def test_a_statement_names_no_other_investor(demo: Demo) -> None:
    for mail in mails(demo):
        body = mail.get_body(preferencelist=("plain",))
        assert body is not None
        named = [
            person.display_name
            for person in PEOPLE
            if person.role == "lp" and person.display_name in body.get_content()
        ]
        assert len(set(named)) <= 1


@pytest.mark.parametrize(
    ("who", "slug"),
    [(LP.email, "aldersyde"), (MANAGER.email, "aldersyde"), ("dana.whitlock@quillmark.example", "quillmark")],
)
def test_every_number_can_be_explained_from_rows_that_give_it_again(demo: Demo, who: str, slug: str) -> None:
    with Sessions(demo.database) as sessions, sessions.read(viewer_for(demo.database, who, slug)) as reader:
        for name in EXPLAINED:
            words = metric(name)
            text = MetricText(name, words.title, words.question, words.formula, words.unit, words.served_by)
            for fund in FUNDS:
                for as_of in (None, date(2024, 3, 31), date(2023, 12, 31)):
                    found = explain(reader, text, fund, as_of=as_of)
                    assert found.agrees is not False, (
                        f"{name} of {fund} at {found.as_of}: {found.value}, {found.recomputed}"
                    )
                    assert found.agrees, name
                    assert all(row.source_file and row.row_number for row in found.inputs)


def test_an_explanation_points_at_the_line_of_the_file(demo: Demo) -> None:
    """The row that is named holds the amount that was used, in the file as it was delivered."""
    code, out, _ = run(
        demo.database, "explain", "aldersyde", "contributed_amount", "--as", LP.email,
        "--vehicle", "fund-1", "--json",
    )  # fmt: skip
    document = json.loads(out)
    assert code == 0 and document["agrees"] is True
    assert len(document["inputs"]) > 20
    deliveries = {
        kind: (folder_of(demo.database, "aldersyde") / kind / "transactions.csv").read_text().splitlines()
        for kind in ("first", "later")
    }
    for row in document["inputs"]:
        lines = [lines[row["row_number"]] for lines in deliveries.values() if len(lines) > row["row_number"]]
        assert any(f",{abs(row['amount']):.2f}," in line and row["on_date"] in line for line in lines)


def test_doctor_finds_the_demo_healthy(demo: Demo) -> None:
    code, out, _ = run(demo.database, "doctor", "--json")
    assert [check for check in json.loads(out)["checks"] if check["state"] == "error"] == []
    assert code == 0
