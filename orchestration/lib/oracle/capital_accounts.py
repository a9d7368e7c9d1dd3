"""Capital accounts by quarter, year and since inception (METRICS 3): what opens, moves, gains and closes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from orchestration.lib.oracle.answers import Computed
from orchestration.lib.oracle.questions import Row, Table, Value, sum_of, table
from orchestration.lib.oracle.standing import Money, Standing, total

GENERAL_PARTNER = frozenset(
    ("gp", "general partner", "general_partner", "general-partner", "carry vehicle", "carry_vehicle")
)
_PARTS = ("opening_amount", "contributions_amount", "distributions_amount", "fees_amount", "gain_amount")
COLUMNS = (
    "closing_on", *(f"{span}{part}" for span in ("", "ytd_", "itd_") for part in _PARTS), "closing_amount",
)  # fmt: skip


@dataclass(frozen=True)
class Closing:
    """An account at the end of a quarter, or at the newest date in the open one; `before`: the one before."""

    quarter: date
    closing_on: date
    at: Standing
    before: "Closing | None"

    @property
    def opening(self) -> Money:
        """What the quarter opens at: 0 for the first one."""
        return self.before.at.worth.amount if self.before else total(())


def quarter_of(day: date) -> date:
    """The last day of its quarter."""
    month = 3 * ((day.month - 1) // 3) + 3
    return date(day.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def closings(dated: Iterable[tuple[date, Standing]]) -> list[Closing]:
    """One closing a quarter, from the first flow or value on."""
    newest: dict[date, tuple[date, Standing]] = {}
    for day, at in sorted(dated, key=lambda item: item[0]):
        if at.flows or at.worth.amount is not None:
            newest[quarter_of(day)] = (day, at)
    found: list[Closing] = []
    for quarter, (day, at) in sorted(newest.items(), key=lambda item: item[0]):
        found.append(Closing(quarter, day, at, found[-1] if found else None))
    return found


def capital_account_tables(found: Computed) -> Iterator[Table]:
    """Each account, and the accounts of limited partners, of the general partner and of both."""
    rows = list(_accounts(found))
    yield table("fct_capital_account", ("vehicle_id", "investor_id", "quarter"), COLUMNS, rows)
    yield table(
        "fct_vehicle_capital_account",
        ("vehicle_id", "quarter", "party"),
        ("accounts", *COLUMNS),
        _sums(found, rows),
    )


def moved(now: Standing, then: Standing | None) -> tuple[Money, Money, Money]:
    """What was paid in, paid out and charged between two standings; unknown where all that came before is."""
    return (
        _less(now.contributed, then.contributed if then else None),
        _less(now.distributed, then.distributed if then else None),
        _less(now.charged, then.charged if then else None),
    )


def _less(now: Money, then: Money) -> Money:
    return None if now is None else now - (then or 0)


def _accounts(found: Computed) -> Iterator[Row]:
    for investor_id, held_in in found.positions.items():
        for vehicle_id, dated in held_in.items():
            own = closings(dated.items())
            for one in own:
                year = [item for item in own if item.quarter.year == one.quarter.year]
                row: dict[str, Value] = {
                    "vehicle_id": vehicle_id,
                    "investor_id": investor_id,
                    "quarter": one.quarter,
                    "closing_on": one.closing_on,
                    "closing_amount": one.at.worth.amount,
                }
                for span, first in (("", one), ("ytd_", year[0]), ("itd_", own[0])):
                    row |= _period(span, one, first)
                yield row


def _period(span: str, one: Closing, first: Closing) -> dict[str, Money]:
    """From the opening of the first quarter of a period to the closing of the last; the gain balances."""
    opening = first.opening
    paid, back, charged = moved(one.at, first.before.at if first.before else None)
    closing = one.at.worth.amount
    gain = change_beyond(opening, paid, back, charged, closing)
    figures = (opening, paid, back, charged, gain)
    return {f"{span}{name}": figure for name, figure in zip(_PARTS, figures, strict=True)}


def change_beyond(opening: Money, paid: Money, back: Money, charged: Money, closing: Money) -> Money:
    """What a value changed by beyond cash and charges."""
    if opening is None or paid is None or back is None or charged is None or closing is None:
        return None
    return closing - opening - paid + back + charged


def _sums(found: Computed, rows: Iterable[Row]) -> Iterator[Row]:
    grouped: dict[tuple[Value, Value, str], list[Row]] = {}
    for row in rows:
        investor = found.ledger.book.investors.get(str(row["investor_id"]))
        is_gp = investor is not None and investor.kind in GENERAL_PARTNER
        for party in ("gp" if is_gp else "lps", "total"):
            grouped.setdefault((row["vehicle_id"], row["quarter"], party), []).append(row)
    for (vehicle_id, quarter, party), accounts in grouped.items():
        yield {
            "vehicle_id": vehicle_id,
            "quarter": quarter,
            "party": party,
            "accounts": len(accounts),
            "closing_on": accounts[0]["closing_on"],
            **{name: sum_of(accounts, name) for name in COLUMNS if name != "closing_on"},
        }
