"""Published answers, recomputed: what finance.xirr says of each worked example, and where it differs.

`tests/data/finance/irr_examples.json` holds the flows, the source, the published answer and the recomputed
roots; periodic examples lie 365 days apart.
"""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, Flow, dated, finance_database, yearly
from tests.integration.npv_scan import slope_sign

EXAMPLES = json.loads(
    (Path(__file__).parents[1] / "data" / "finance" / "irr_examples.json").read_text(encoding="utf-8")
)
STATUS_WITHOUT_ROOT = {
    "xirr-java-total-loss": "total_loss",
    "xirr-undefined-none": "no_flows",
    "xirr-ruby-1e284": "out_of_range",
    "xirr-pyxirr-30-29": "none",
    "irr-none-ovf-f4": "none",
}


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def flows_of(example: dict[str, Any]) -> list[Flow]:
    return [(Decimal(amount), dt.date.fromisoformat(on_date)) for on_date, amount in example["flows"]]


def expected(example: dict[str, Any]) -> tuple[str, float | None]:
    """Status and headline by the words of METRICS section A, from the listed roots."""
    roots = example["irr_roots"]
    if not roots:
        return STATUS_WITHOUT_ROOT[example["id"]], None
    if example["id"] == "irr-tangent-ovf-f5":
        return "tangent", None
    falling = [r for r in roots if slope_sign(flows_of(example), r) < 0]
    if len(roots) == 1:
        return "ok", roots[0]
    return ("ok", falling[0]) if len(falling) == 1 else ("multiple", None)


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["id"] for e in EXAMPLES])
def test_each_worked_example_has_its_recomputed_roots_and_the_status_that_follows(
    finance: Finance, example: dict[str, Any]
) -> None:
    found = finance.irr(flows_of(example))
    status, headline = expected(example)
    assert found["irr_roots"] == pytest.approx(example["irr_roots"], rel=5e-6, abs=2e-9)
    assert found["irr_status"] == status
    assert found["irr"] == (None if headline is None else pytest.approx(headline, rel=5e-6, abs=2e-9))
    assert found["xirr"] == found["irr"]


@pytest.mark.parametrize(
    "example",
    [e for e in EXAMPLES if isinstance(e["published"], float) and len(e["irr_roots"]) == 1 and e["agrees"]],
    ids=lambda e: e["id"],
)
def test_a_published_rate_that_holds_is_met_to_its_printed_precision(
    finance: Finance, example: dict[str, Any]
) -> None:
    digits = len(f"{abs(example['published']):.12f}".rstrip("0").split(".")[1])
    # Published figures may be truncated, or carry the stopping tolerance of another solver (1e-8).
    assert abs(finance.irr(flows_of(example))["irr"] - example["published"]) <= max(10.0**-digits, 1e-8)


@pytest.mark.parametrize("example_id", [e["id"] for e in EXAMPLES if e["agrees"] is False])
def test_a_published_answer_that_is_wrong_is_not_reproduced(finance: Finance, example_id: str) -> None:
    """By more than the last digit that it prints; a printed span does not hold the rate."""
    example = next(e for e in EXAMPLES if e["id"] == example_id)
    found = finance.irr(flows_of(example))["irr"]
    published = example["published"]
    if isinstance(published, list):
        low, high = published
        assert not low <= found <= high
    elif found is not None and isinstance(published, float):
        assert abs(found - published) > 10.0 ** -len(repr(published).split(".")[1])


def test_the_index_account_that_goes_short_has_two_roots_of_which_the_paper_prints_one(
    finance: Finance,
) -> None:
    """pme-ggs-icm: 6.0 % is printed; -27.3 % solves it as well."""
    contributions = [100, 0, 100, 0, 50, 0, 0, 0, 0, 0]
    distributions = [0, 0, 25, 0, 150, 0, 150, 0, 100, 0]
    index = [100, 78, 100, 111, 117, 135, 142, 90, 113, 131]
    years = list(zip(contributions, distributions, index, strict=True))
    short = sum((c - d) * 131 / level for c, d, level in years)
    flows = [(Decimal(d - c), dt.date(2001 + k, 12, 31)) for k, (c, d, _) in enumerate(years)]
    flows.append((Decimal(repr(short)), dt.date(2010, 12, 31)))
    assert short == pytest.approx(-137.03, abs=0.01)
    found = finance.irr(flows)
    assert found["irr_roots"] == pytest.approx([-0.272550886699, 0.0596701431386], abs=1e-9)


def test_an_exactly_known_root_is_met_to_the_last_digits(finance: Finance) -> None:
    assert finance.irr(yearly([-100, 0, 121]))["irr"] == pytest.approx(0.1, abs=1e-15)
    assert finance.irr(dated((-100, "2020-01-01"), ("110.25", "2022-01-01")))["irr"] == pytest.approx(
        1.1025 ** (365 / 731) - 1, abs=1e-15
    )


def test_pooling_flows_is_not_averaging_rates(finance: Finance) -> None:
    """pooled-vs-average: 32.21 % pooled, 38.00 % as the mean of 25.99 % and 50 %."""
    a, b = yearly([-100, 0, 0, 200]), yearly([-100, 150])
    assert finance.irr(a)["irr"] == pytest.approx(0.259921049895)
    assert finance.irr(b)["irr"] == pytest.approx(0.5)
    assert finance.irr(a + b)["irr"] == pytest.approx(0.322099605801)
