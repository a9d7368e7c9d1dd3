"""The real dated cash-flow samples: every root that an independent scan listed, and the rate that follows."""

import csv
import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import Cluster
from tests.integration.finance_connection import Finance, Flow, finance_database
from tests.integration.npv_scan import residual, slope_sign

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def finance(cluster: Cluster) -> Iterator[Finance]:
    with finance_database(cluster) as database:
        yield Finance.of(database)


def samples(shared_data: Path) -> dict[str, list[Flow]]:
    read: dict[str, list[Flow]] = {}
    for path in sorted((shared_data / "pe_cashflows" / "pyxirr_samples").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            read[path.name] = [
                (Decimal(row[1]), dt.date.fromisoformat(row[0])) for row in csv.reader(file) if row
            ]
    return read


def test_each_sample_has_the_listed_roots_and_the_headline_that_follows(
    finance: Finance, shared_data: Path
) -> None:
    """The list was scanned above -99.9999 %; roots nearer to -100 % are ours to find."""
    listed = json.loads((shared_data / "expected.json").read_text(encoding="utf-8"))
    cases = listed["pe_cashflows/pyxirr_samples_dev"]["cases"]
    flows_of = samples(shared_data)
    assert set(cases) == set(flows_of)
    for name, case in cases.items():
        flows = flows_of[name]
        found = finance.irr(flows)
        assert all(residual(flows, root) < 1e-9 for root in found["irr_roots"] if root > -0.999999), name
        if case["roots"] != "not scanned":
            scanned = [root for root in found["irr_roots"] if root > -0.999999]
            assert scanned == pytest.approx(case["roots"], rel=1e-8, abs=1e-9), name
        falling = [root for root in found["irr_roots"] if slope_sign(flows, root) < 0]
        if not found["irr_roots"]:
            assert (found["irr_status"], found["irr"]) == ("none", None), name
        elif len(falling) == 1:
            assert (found["irr_status"], found["irr"]) == ("ok", falling[0]), name
        elif len(found["irr_roots"]) > 1:
            assert (found["irr_status"], found["irr"]) == ("multiple", None), name


def test_each_published_vector_is_met_but_the_total_loss(finance: Finance, shared_data: Path) -> None:
    """A total loss is published as -100 %, which solves nothing: we say total_loss."""
    path = shared_data / "pe_cashflows" / "vectors" / "xirr_pme_vectors.json"
    for vector in json.loads(path.read_text(encoding="utf-8"))["xirr"]:
        found = finance.irr([(Decimal(str(a)), dt.date.fromisoformat(d)) for d, a in vector["flows"]])
        if vector["expect"] == -1:
            assert (found["irr_status"], found["irr"]) == ("total_loss", None)
        else:
            assert found["irr"] == pytest.approx(vector["expect"], abs=5e-8), vector["name"]
