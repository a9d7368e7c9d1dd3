"""The oracle's rates of return against published answers and pyxirr, and why some flows have none."""

import json
import random
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import pyxirr

from orchestration.lib.oracle.rate_of_return import rate_of_return

EXAMPLES = json.loads(
    (Path(__file__).parents[1] / "data" / "finance" / "irr_examples.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_published_examples_give_the_roots_that_are_listed(example: dict[str, Any]) -> None:
    found = rate_of_return(
        [(date.fromisoformat(day), Fraction(str(amount))) for day, amount in example["flows"]]
    )
    # roots are listed with the digits their sources print
    assert found.roots == pytest.approx(example["irr_roots"], rel=1e-6, abs=5e-7)


def test_random_series_agree_with_pyxirr() -> None:
    rng = random.Random(3)
    for _ in range(200):
        days = sorted(rng.sample(range(4000), rng.randint(2, 30)))
        calls = rng.randint(1, len(days) - 1)
        flows = [
            (
                date(2010, 1, 1) + timedelta(days=day),
                Fraction(rng.randrange(1, 10**9), 100) * (-1 if k < calls else 1),
            )
            for k, day in enumerate(days)
        ]
        found = rate_of_return(flows)
        theirs = pyxirr.xirr([day for day, _ in flows], [float(amount) for _, amount in flows])
        assert found.status in ("ok", "out_of_range")
        if theirs is not None and found.value is not None:
            assert found.value == pytest.approx(theirs, rel=1e-7, abs=1e-8)
            assert pyxirr.xnpv(
                found.value, [day for day, _ in flows], [float(amount) for _, amount in flows]
            ) == pytest.approx(0, abs=1e-6 * max(float(abs(amount)) for _, amount in flows))


@pytest.mark.parametrize(
    ("flows", "status"),
    [
        ([], "no_flows"),
        ([(0, 0)], "no_flows"),
        ([(0, -5)], "single_flow"),
        ([(0, -5), (10, -5)], "no_sign_change"),
        ([(0, -5), (0, 6)], "same_day_only"),
        ([(0, -5), (10, -5), (400, 0)], "total_loss"),
        ([(0, -1), (1, 6)], "out_of_range"),
        ([(0, 100), (365, -200), (730, 150)], "none"),
        ([(0, 1), (365, -2), (730, 1)], "tangent"),
        ([(0, -1600), (365, 10000), (730, -10000)], "ok"),
        ([(0, -5), (365, 10.5), (730, 1), (1095, -8), (1460, 1)], "multiple"),
    ],
)
def test_flows_without_a_rate_say_why(flows: list[tuple[int, float]], status: str) -> None:
    found = rate_of_return(
        (date(2020, 1, 1) + timedelta(days=day), Fraction(amount)) for day, amount in flows
    )
    assert found.status == status
    assert (found.value is None) == (status != "ok")
