"""What must hold of LN-PME, PME+ and modified PME for any flows, recomputed here in exact fractions.

The rates are checked by pyxirr and by their defining equation, never by the solver under test.
"""

import datetime as dt
import random
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest
import pyxirr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, Flow, finance_database
from tests.integration.npv_scan import residual
from tests.integration.valued_flows import Row, compared

# The same examples on every run: the gate must not depend on luck. Raise max_examples to look further.
THOROUGH = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
FIRST = dt.date(2006, 2, 28)


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


@st.composite
def funds(draw: st.DrawFn) -> list[Row]:
    """A call, then days of calls, receipts or both, with levels; valued after receipts and at the end."""
    days = sorted(draw(st.sets(st.integers(1, 5000), min_size=1, max_size=8)))
    money = st.integers(1, 10_000_000)
    rows: list[Row] = [(-draw(money) - 1_000_000, FIRST, draw(st.integers(50, 200)), None)]
    for number, offset in enumerate(days):
        day = FIRST + dt.timedelta(days=offset)
        level, nav = draw(st.integers(50, 200)), draw(money)
        kind = draw(st.sampled_from(["call", "receipt", "both"]))
        if kind != "receipt":
            rows.append((-draw(money), day, level, None))
        if kind != "call":
            rows.append((draw(money), day, level, None))
        if kind != "call" or number == len(days) - 1:
            rows.append((None, day, level, nav))
    return rows


def levelled(rows: list[Row], level: dict[dt.date | None, int | Decimal]) -> list[Row]:
    return [(amount, day, level[day], nav) for amount, day, _, nav in rows]


def days_of(rows: list[Row]) -> list[tuple[dt.date, Fraction, Fraction, Fraction, Fraction]]:
    """Day, paid, received, level and value held, exact."""
    found = []
    for day in sorted({row[1] for row in rows if row[1] is not None}):
        of_day = [row for row in rows if row[1] == day]
        amounts = [Fraction(row[0]) for row in of_day if row[0] is not None]
        found.append(
            (
                day,
                -sum((a for a in amounts if a < 0), Fraction(0)),
                sum((a for a in amounts if a > 0), Fraction(0)),
                next(Fraction(row[2]) for row in of_day if row[2] is not None),
                sum((Fraction(row[3]) for row in of_day if row[3] is not None), Fraction(0)),
            )
        )
    return found


def is_rate_of(rate: float, flows: list[Flow]) -> bool:
    """Whether the rate solves the flows, and is pyxirr's where pyxirr's solves them as well."""
    theirs = pyxirr.xirr([day for _, day in flows], [float(amount) for amount, _ in flows], silent=True)
    solves = residual(flows, rate) < 1e-9
    if (
        theirs is None
        or residual(flows, theirs) > 1e-11
        or theirs == pytest.approx(rate, rel=1e-8, abs=1e-10)
    ):
        return solves
    # another root: ours is then the one where present value falls, which pyxirr does not look for
    return solves and residual(flows, theirs) < 1e-9


@THOROUGH
@given(rows=funds())
def test_each_measure_is_the_rate_of_its_exactly_recomputed_account(
    finance: Finance, rows: list[Row]
) -> None:
    found = compared(finance, rows)
    by_day = days_of(rows)
    last, at_end, held = by_day[-1][0], by_day[-1][3], by_day[-1][4]

    bought = sum(paid * at_end / level for _, paid, _, level, _ in by_day)
    sold = sum(received * at_end / level for _, _, received, level, _ in by_day)
    value = bought - sold
    ln = found["ln"]
    assert ln["index_value"] == pytest.approx(float(value), rel=1e-9, abs=1e-9 * float(bought))
    flows = [(Decimal(float(received - paid)), day) for day, paid, received, _, _ in by_day]
    if ln["ln_pme"] is not None:
        assert is_rate_of(ln["ln_pme"], [*flows, (Decimal(float(value)), last)])
    assert (ln["ln_pme_status"] == "short_index") == (value < 0)

    plus = found["plus"]
    if sold == 0:
        assert plus["pme_plus_status"] == "no_distributions"
    else:
        scale = (bought - held) / sold
        assert plus["scale"] == pytest.approx(float(scale), rel=1e-9, abs=1e-9)
        assert (plus["pme_plus_status"] == "negative_scale") == (scale < 0)
        if plus["pme_plus"] is not None:
            scaled = [(Decimal(float(scale * r - paid)), day) for day, paid, r, _, _ in by_day]
            assert is_rate_of(plus["pme_plus"], [*scaled, (Decimal(float(held)), last)])

    account, before, path, indexed = Fraction(0), by_day[0][3], [], []
    for day, paid, received, level, nav in by_day:
        account = account * level / before + paid
        taken = account * received / (received + nav) if received else Fraction(0)
        account, before = account - taken, level
        path.append(float(account))
        indexed.append((Decimal(float(taken - paid)), day))
    modified = found["modified"]
    assert modified["path_values"] == pytest.approx(path, rel=1e-9)
    if modified["mpme"] is not None:
        assert is_rate_of(modified["mpme"], [*indexed, (Decimal(float(account)), last)])


@THOROUGH
@given(
    rows=funds(),
    factor=st.sampled_from(["1e-6", "0.37", "1e9"]),
    of_index=st.sampled_from([3e-5, 7.0, 1e8]),
    days=st.integers(-20_000, 20_000),
)
def test_scale_of_money_and_index_shift_of_dates_and_order_change_nothing(
    finance: Finance, rows: list[Row], factor: str, of_index: float, days: int
) -> None:
    plain = compared(finance, rows)
    moved: list[Row] = [
        (
            None if amount is None else Decimal(amount) * Decimal(factor),
            day and day + dt.timedelta(days=days),
            None if level is None else float(level) * of_index,
            None if nav is None else Decimal(nav) * Decimal(factor),
        )
        for amount, day, level, nav in rows
    ]
    random.Random(0).shuffle(moved)
    found = compared(finance, moved)
    for key, rate in (("ln", "ln_pme"), ("plus", "pme_plus"), ("modified", "mpme")):
        assert found[key][f"{rate}_status"] == plain[key][f"{rate}_status"]
        if plain[key][rate] is not None:
            assert found[key][rate] == pytest.approx(plain[key][rate], rel=1e-8, abs=1e-9)
        assert found[key]["is_annualized"] == plain[key]["is_annualized"]
    if plain["plus"]["scale"] is not None:
        assert found["plus"]["scale"] == pytest.approx(plain["plus"]["scale"], rel=1e-9, abs=1e-12)


@THOROUGH
@given(rows=funds())
def test_against_a_flat_index_the_account_earns_nothing_and_the_spread_is_the_irr(
    finance: Finance, rows: list[Row]
) -> None:
    flat = compared(finance, levelled(rows, {row[1]: 7 for row in rows}))
    assume(flat["ln"]["ln_pme_status"] == "ok")
    assert flat["ln"]["ln_pme"] == pytest.approx(0, abs=1e-11)
    if flat["ln"]["irr"] is not None:
        assert flat["ln"]["ln_pme_spread"] == pytest.approx(flat["ln"]["irr"], abs=1e-11)
    left = -sum(Fraction(row[0]) for row in rows if row[0] is not None)
    assert flat["ln"]["index_value"] == pytest.approx(float(left))
    assert left >= 0


@st.composite
def trackers(draw: st.DrawFn) -> list[Row]:
    """A fund that is the index: it pays out shares of itself and is valued after each."""
    steps = sorted(draw(st.sets(st.integers(1, 5000), min_size=1, max_size=7)))
    level = Decimal(draw(st.integers(50, 200)))
    held = Decimal(draw(st.integers(1000, 10_000_000)))
    rows: list[Row] = [(-held, FIRST, level, held)]
    for offset in steps:
        before, level = level, Decimal(draw(st.integers(50, 200)))
        held = held * level / before
        paid = Decimal(draw(st.integers(0, 1_000_000)))
        share = Decimal(draw(st.sampled_from(["0", "0.25", "0.5", "0.9"])))
        received = (held + paid) * share
        held = held + paid - received
        day = FIRST + dt.timedelta(days=offset)
        rows += [(-paid, day, level, None), (received, day, level, held)]
    return rows


@THOROUGH
@given(rows=trackers())
def test_a_fund_that_tracks_the_index_has_scale_one_and_spread_zero(
    finance: Finance, rows: list[Row]
) -> None:
    found = compared(finance, rows)
    held = float(rows[-1][3] or 0)
    assert found["ln"]["index_value"] == pytest.approx(held, rel=1e-9)
    assume(found["ln"]["irr_status"] == "ok")
    assert found["ln"]["ln_pme_spread"] == pytest.approx(0, abs=1e-9)
    assert found["modified"]["mpme_spread"] == pytest.approx(0, abs=1e-9)
    assert found["modified"]["index_value"] == pytest.approx(held, rel=1e-9)
    if any(row[0] is not None and row[0] > 0 for row in rows):
        assert found["plus"]["scale"] == pytest.approx(1, rel=1e-9)
        assert found["plus"]["pme_plus_spread"] == pytest.approx(0, abs=1e-9)


@THOROUGH
@given(rows=funds())
def test_a_fund_worth_nothing_has_a_ks_pme_of_one_over_the_scale(finance: Finance, rows: list[Row]) -> None:
    last = max(row[1] for row in rows if row[1] is not None)
    liquidated: list[Row] = [
        (amount, day, level, 0 if day == last and nav is not None else nav)
        for amount, day, level, nav in rows
    ]
    assume(any(row[0] is not None and row[0] > 0 for row in rows))
    scale = compared(finance, liquidated)["plus"]["scale"]
    ks = finance.pme([(row[0], row[1], float(row[2] or 0)) for row in rows if row[0] is not None and row[1]])
    assert ks["ks_pme"] == pytest.approx(1 / scale, rel=1e-9)


def market_comparison(finance: Finance, rows: list[Row]) -> dict:
    """finance.pme_detail of the flows, the value held as a last receipt."""
    last = max(row[1] for row in rows if row[1] is not None)
    return finance.pme(
        [
            (amount if nav is None else nav, day, float(level or 0))
            for amount, day, level, nav in rows
            if day is not None and (nav is None or (amount is None and day == last))
        ]
    )


@THOROUGH
@given(rows=funds())
def test_ks_pme_and_direct_alpha_against_a_flat_index_are_tvpi_and_the_irr(
    finance: Finance, rows: list[Row]
) -> None:
    flat = levelled(rows, {row[1]: 3 for row in rows})
    found = market_comparison(finance, flat)
    by_day = days_of(flat)
    paid = sum(day[1] for day in by_day)
    received = sum(day[2] for day in by_day) + by_day[-1][4]
    assert found["ks_pme"] == pytest.approx(float(received / paid), rel=1e-12)
    irr = compared(finance, flat)["ln"]
    assert found["pme_status"] == irr["irr_status"]
    if irr["irr"] is not None:
        assert found["direct_alpha_rate"] == pytest.approx(irr["irr"], rel=1e-9, abs=1e-11)


@THOROUGH
@given(rows=funds())
def test_ks_pme_and_direct_alpha_change_no_bit_with_the_order_of_rows(
    finance: Finance, rows: list[Row]
) -> None:
    found = market_comparison(finance, rows)
    for seed in (1, 2):
        assert market_comparison(finance, random.Random(seed).sample(rows, len(rows))) == found


@THOROUGH
@given(rows=trackers())
def test_a_fund_that_tracks_the_index_has_a_ks_pme_of_one_and_no_alpha(
    finance: Finance, rows: list[Row]
) -> None:
    flows = [
        (row[0], row[1], float(row[2] or 0)) for row in rows if row[0] is not None and row[1] is not None
    ]
    _, last, level, held = rows[-1]
    assert last is not None
    found = finance.pme([*flows, (held, last, float(level or 0))])
    assert found["ks_pme"] == pytest.approx(1, rel=1e-9)
    if found["pme_status"] == "ok":
        assert found["direct_alpha"] == pytest.approx(0, abs=1e-8)
