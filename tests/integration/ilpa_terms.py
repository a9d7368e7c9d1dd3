# ruff: noqa: E501 - rows read as lines
"""Funds of the ILPA world whose agreement is known: what its terms give, and returns by investment."""

from tests.integration.ilpa_books import PERIOD_END, QUARTER_BEFORE, YEAR_BEFORE, Books


def fund_with_terms(books: Books) -> None:
    """wf-usvc-1.5m: 1m called, 1.5m paid a year later, 8 % simple, 20 %, full catch-up: 100,000 to the GP.

    Before it was sold it was valued at as much. A fee of 2 % of 1m; 21,000 were charged, 1,000 of them offset. Of two deals one was lost.
    """
    books.vehicle("agreed")
    paid, sold = "2025-09-30", PERIOD_END
    books.add(
        "vehicle_terms", vehicle_id="agreed", management_fee_rate="0.02", management_fee_base="committed",
        fee_starts_on=paid, carry_rate="0.2", hurdle_rate="0.08", hurdle_compounding="simple",
    )  # fmt: skip
    for who, amount, received in (("lp5", 600_000, 840_000), ("others", 400_000, 560_000)):
        books.add(
            "commitments", vehicle_id="agreed", investor_id=who, amount=amount, status="signed", signed_on=paid
        )  # fmt: skip
        books.flow("agreed", who, amount, paid)
        books.flow("agreed", who, -received, sold, purpose="realized_gain")
    books.flow("agreed", "gp", -100_000, sold, purpose="realized_gain")
    for holding, status, invested, returned in (
        ("won", "realised", 600_000, 1_500_000),
        ("lost", "written off", 300_000, 0),
    ):
        books.add("holdings", holding_id=holding, vehicle_id="agreed", name=holding.title(), status=status)
        for kind, amount, on in (("investment", invested, paid), ("proceeds", returned, sold)):
            if amount:
                books.add(
                    "transactions", vehicle_id="agreed", investor_id="", holding_id=holding, kind=kind, amount=amount,
                    effective_on=on,
                )  # fmt: skip
    for line, amount in (
        ("management_fees", -21_000), ("management_fee_offsets", 1_000), ("external_audit", -9_999), ("external_other", -1),
    ):  # fmt: skip
        books.line("agreed", "", line, paid, amount)
    for who, amount in (("lp5", -60_000), ("others", -40_000), ("gp", 100_000)):
        books.line("agreed", who, "carry_earned_realized", sold, amount)
        books.line("agreed", who, "carry_paid", sold, -amount)
    for on, value in ((YEAR_BEFORE, 1_000_000), (QUARTER_BEFORE, 1_500_000), (sold, 0)):
        for who, tenths in (("lp5", 6), ("others", 4), ("gp", 0)):
            books.value("agreed", who, on, value * tenths // 10)


def fund_with_a_clawback(books: Books) -> None:
    """docs/metrics/waterfall.md: 130 on 100 after a year pay 6 of carry; then 50 more are called and lost."""
    books.vehicle("clawed")
    books.add("vehicle_terms", vehicle_id="clawed", carry_rate="0.2", hurdle_rate="0.08")
    for amount, on in ((100, "2024-09-30"), (-130, "2025-09-30"), (50, "2025-10-01")):
        books.flow("clawed", "lp5", amount, on)
    books.add(
        "commitments", vehicle_id="clawed", investor_id="lp5", amount=150, status="signed", signed_on="2024-09-01"
    )  # fmt: skip
    books.value("clawed", "lp5", PERIOD_END, 0)
