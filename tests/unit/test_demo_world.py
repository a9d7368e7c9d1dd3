"""The demo world is the same every time, adds up, and its ids collide where they must."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from capstan.demo.aldersyde import aldersyde
from capstan.demo.facts import Investor, StageEvent, Transaction, Valuation, Vehicle
from capstan.demo.shares import split
from capstan.demo.truth import FunnelStage, Truth
from capstan.demo.world import DemoTenant, demo_world


def tenant(slug: str) -> DemoTenant:
    return next(item for item in demo_world() if item.slug == slug)


def test_the_world_is_the_same_every_time():
    assert aldersyde() == aldersyde()
    demo_world.cache_clear()
    first = demo_world()
    demo_world.cache_clear()
    assert demo_world() == first


def test_writing_the_files_again_touches_none_of_them(tmp_path: Path):
    files = tenant("quillmark").files
    stamps = [file.write(tmp_path).stat().st_mtime_ns for file in files]
    assert [file.write(tmp_path).stat().st_mtime_ns for file in files] == stamps


@pytest.mark.parametrize("slug", ["aldersyde", "quillmark"])
def test_capital_accounts_sum_to_the_fund_to_the_cent(slug: str):
    valuations = [
        fact for fact in tenant(slug).facts if isinstance(fact, Valuation) and fact.holding_id is None
    ]
    funds = {(v.vehicle_id, v.as_of): v.nav_amount.value for v in valuations if v.investor_id is None}
    accounts = dict.fromkeys(funds, 0)
    for item in valuations:
        if item.investor_id is not None:
            accounts[(item.vehicle_id, item.as_of)] += item.nav_amount.value
    assert len(funds) > 10
    assert accounts == funds


@pytest.mark.parametrize("slug", ["aldersyde", "quillmark"])
def test_no_investor_is_called_for_more_than_it_promised(slug: str):
    truth = Truth(tenant(slug))
    for vehicle in ("fund-1", "fund-2"):
        for investor in truth.members(vehicle):
            for day in truth.as_of_dates(vehicle, investor):
                assert truth.performance(vehicle, investor, day).unfunded_amount >= 0


def test_the_second_managers_ids_collide_with_the_firsts_but_name_other_things():
    first, second = tenant("aldersyde"), tenant("quillmark")
    for kind, key in ((Vehicle, "vehicle_id"), (Investor, "investor_id"), (Transaction, "transaction_id")):
        ours = {getattr(fact, key): fact for fact in first.facts if isinstance(fact, kind)}
        theirs = {getattr(fact, key): fact for fact in second.facts if isinstance(fact, kind)}
        assert theirs.keys() <= ours.keys()
        assert all(ours[name] != theirs[name] for name in theirs)


def test_every_kind_of_flaw_is_in_the_files():
    files = [file for item in demo_world() for file in item.files]
    columns = {refusal.column for file in files for refusal in file.refusals}
    assert {"effective_on", "investor_id", "kind", "amount", "currency_code", "vehicle_id"} <= columns
    assert any(file.unchanged for file in files if file.delivery == "first")
    assert any(file.accepted for file in files if file.delivery == "later")


def test_eight_years_two_currencies_and_a_dozen_investors():
    first = tenant("aldersyde")
    assert len(first.of("investors")) == 12
    assert {vehicle.as_row()["currency_code"] for vehicle in first.of("vehicles")} == {"EUR", "USD"}
    assert len(Truth(first).as_of_dates("fund-1", None)) == 32
    assert Truth(first).latest("fund-1") == date(2026, 9, 30)


def test_the_truth_of_a_small_case_is_what_one_gets_by_hand():
    """Fund 2 of the second manager, first quarter: one call of 2,200 + 82 + 15 basis points, fees on top."""
    truth = Truth(tenant("quillmark"))
    standing = truth.performance("fund-2", "lp-003", date(2023, 9, 30))
    assert standing.contributed_amount == Decimal("1837600.00")
    assert standing.pic == Fraction(1837600, 8000000)
    assert standing.dpi == 0
    assert standing.tvpi == standing.rvpi


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, {"a": 1, "b": 1, "c": 1}, {"a": 34, "b": 33, "c": 33}),
        (-5, {"a": 1, "b": 3}, {"a": -1, "b": -4}),
        (0, {"a": 2, "b": 1}, {"a": 0, "b": 0}),
    ],
)
def test_parts_sum_to_the_whole(total: int, weights: dict[str, int], parts: dict[str, int]):
    assert split(total, weights) == parts
    assert sum(split(total, weights).values()) == total


def test_the_truth_tells_a_funnel_from_stories():
    """Worked by hand: one of each way through a round, straight and crooked."""
    stories = {
        "won": ("contacted", "dd", "committed"),
        "lost": ("contacted", "meeting", "passed"),
        "waits": ("contacted", "meeting"),
        "fell through": ("contacted", "committed", "passed"),
        "set back": ("committed", "dd"),
        "won back": ("passed", "contacted", "committed"),
        "asked again": ("meeting", "passed", "meeting"),
    }
    moves = [
        StageEvent(
            f"{who}{place}", "r", who, None, stage, None, None, datetime(2024, 1, 1 + place, tzinfo=UTC)
        )
        for who, story in stories.items()
        for place, stage in enumerate(story)
    ]
    truth = Truth(replace(tenant("orrery-grid"), facts=tuple(moves)))
    assert truth.funnel("r") == {
        "contacted": FunnelStage(5, 5, 0, 0),
        "meeting": FunnelStage(3, 0, 1, 2),
        "dd": FunnelStage(2, 1, 0, 1),
        "term_sheet": FunnelStage(0, 0, 0, 0),
        "committed": FunnelStage(4, None, 1, 1),
        "passed": FunnelStage(4, None, 2, 1),
    }
