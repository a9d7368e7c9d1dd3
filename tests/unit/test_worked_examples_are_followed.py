"""Every worked example, and every published answer known to be wrong, is followed from file to answer.

What is followed is what test_examples_from_file_to_answer asks with `capstan query`; here it is only counted.
"""

import json
from pathlib import Path

import pytest

from tests.integration import example_files
from tests.integration.examples_as_queries import all_asks

WORKED = Path(__file__).parents[3] / "shared" / "examples" / "worked_examples.json"
KNOWN_WRONG = {
    # METRICS section 14
    "xirr-java-total-loss",
    "xirr-pyxirr-30-20",
    "xirr-pyxirr-30-45",
    "xirr-atlas-1",
    "xirr-atlas-2",
    "annualise-90day",
    "polen-irr-1",
    "polen-irr-2",
    "polen-irr-3",
    "polen-irr-4",
    "pme-pyxirr-plus-typo",
    "pme-ggs-icm",
    "ilpa-v2-carry-gp-sign",
    "ilpa-v2-offset-pct",
    "kpmg-concentration-typo",
    "kpmg-ratios",
    "wf-usvc-50pct",
    "wf-atlas-uncapped",
    "wf-pref-30360",
    "pacing-ta-steady",
    "safe-yc-ex1-q2-new",
    "funnel-flowlie-conversion",
}


def followed() -> set[str]:
    """Ids whose answer is asked for from loaded files."""
    families = (
        example_files.RATES,
        example_files.MULTIPLES,
        example_files.COMPARISONS,
        example_files.FUNNELS,
        example_files.WATERFALLS,
        example_files.figures("day_count"),
    )
    return {item["id"] for family in families for item in family} | {*all_asks()}


def test_the_22_known_wrong_answers_are_followed() -> None:
    assert len(KNOWN_WRONG) == 22
    assert followed() >= KNOWN_WRONG


@pytest.mark.skipif(not WORKED.exists(), reason="the shared examples are not here")
def test_every_worked_example_is_followed_and_every_wrong_one_known() -> None:
    examples = json.loads(WORKED.read_text(encoding="utf-8"))
    assert len(examples) == 145
    assert {item["id"] for item in examples} <= followed()
    assert {item["id"] for item in examples if item["agrees"] is False} <= KNOWN_WRONG
