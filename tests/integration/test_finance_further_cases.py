"""Cases of every family beyond the published file, what is refused, and that the order of rows never matters.

tests/data/finance/further_cases.yml says where each figure comes from; refusals.yml what an error must tell.
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, finance_database

FOLDER = Path(__file__).parents[1] / "data" / "finance"
CASES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "further_cases.yml").read_text(encoding="utf-8"))
REFUSALS: list[dict[str, str]] = yaml.safe_load((FOLDER / "refusals.yml").read_text(encoding="utf-8"))
EVERY_AGGREGATE = """
    select array[
        finance.irr_detail(a, (d - '2019-01-01') / 365.25)::text,
        finance.mirr_detail(a, d, 0.08, 0.05)::text, finance.xnpv(0.08, a, d)::text,
        finance.modified_dietz_detail(a, d, 500, 700, '2019-06-30', '2021-06-30')::text,
        finance.modified_dietz_detail(a, d, 500, 700, '2019-06-30', '2021-06-30', t)::text,
        finance.twr_detail(a, d, n)::text, finance.linked_return((abs(a) / 1e6)::float8)::text,
        finance.pme_detail(a, d, l)::text, finance.pme_detail(a, d, l, n)::text,
        finance.index_accounts(a, d, l, n)::text, finance.j_curve(a, d)::text,
        finance.quartiles(a::float8)::text, finance.concentration(abs(a))::text,
        finance.concentration(abs(a), 1e7)::text, finance.top_share(abs(a), 5)::text,
        finance.loss_ratio(abs(a), coalesce(n, 0))::text,
        finance.waterfall(a, d, '{"carry_rate": 0.2, "hurdle_rate": 0.08, "compounding": "annual"}')::text,
        finance.accrued_carry_detail(a, d, 900, '2023-01-01', '{"carry_rate": 0.2}')::text
    ] as answers from (
        select
            amount as a,
            on_date as d,
            100 + (on_date - date '2019-01-01') / 30.0::float8 as l,
            nav as n,
            case when mod(on_date - date '2019-01-01', 2) = 0 then 'start_of_day' else 'end_of_day' end as t
        from unnest(%s::numeric[], %s::date[], %s::numeric[]) as f (amount, on_date, nav)
    ) as given
"""
"""All but finance.xirr, whose last digit follows the order. Levels and times of day follow from the date."""


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def met(value: Any, digits: int) -> Any:
    """What a found value is compared with: text, truth and null exactly, numbers to their printed digits."""
    if isinstance(value, list):
        return [met(item, digits) for item in value]
    if value is None or isinstance(value, str | bool):
        return value
    return pytest.approx(value, rel=5 * 10.0**-digits, abs=1e-12)


def plain(value: Any) -> Any:
    if isinstance(value, list):
        return [plain(item) for item in value]
    return float(value) if isinstance(value, Decimal) else str(value) if isinstance(value, dt.date) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_case_of_the_list_is_met(finance: Finance, case: dict[str, Any]) -> None:
    found = finance.one(case["ask"])
    for column, value in case["answer"].items():
        assert plain(found[column]) == met(value, case.get("digits", 12)), (column, case["source"])


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal["message"])
def test_a_wrong_argument_is_told_with_what_is_allowed(finance: Finance, refusal: dict[str, str]) -> None:
    wrong = (psycopg.errors.InvalidParameterValue, psycopg.errors.NumericValueOutOfRange)
    with pytest.raises(wrong) as told:
        finance.one(refusal["ask"])
    assert refusal["message"] in (told.value.diag.message_primary or "")
    assert refusal["hint"] in (told.value.diag.message_hint or "")


ROWS = st.lists(
    st.tuples(
        st.integers(-99_999_999, 99_999_999).filter(bool).map(lambda cents: Decimal(cents) / 100),
        # few days, so that rows meet on one
        st.integers(0, 40).map(lambda n: dt.date(2019, 1, 1) + dt.timedelta(days=37 * n)),
        st.none() | st.integers(0, 99_999).map(Decimal),
    ),
    min_size=8,
    max_size=16,
)


# The same examples on every run: the gate must not depend on luck. Raise max_examples to look further.
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS, chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit_of_any_aggregate(
    finance: Finance, rows: list[tuple[Any, ...]], chance: Any
) -> None:
    def answers(listed: list[tuple[Any, ...]]) -> Any:
        columns = tuple([list(column) for column in zip(*listed, strict=True)])
        return finance.one(EVERY_AGGREGATE, columns)["answers"]

    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert answers(shuffled) == answers(rows)
