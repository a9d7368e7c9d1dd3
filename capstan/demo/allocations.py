"""What an administrator allocates to each capital account a quarter, on the lines of ILPA's Reporting
Template.

Follows from the books that `funds.py` keeps: the lines of a quarter sum to the change of each account, to
the cent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from capstan.demo import calendar
from capstan.demo.facts import Allocation, Cents, Transaction
from capstan.demo.shares import split

CARRY_SHARE = 30
"""Percent of the general partner's gains that are carried interest, charged to the other accounts."""
MONITORING = 4
"""Yearly monitoring fee of the portfolio companies to the general partner, in basis points of commitments."""
AUDIT_SHARE = 60
"""Percent of the fund's other expenses that are its audit; the rest is its administration."""


@dataclass
class Administrator:
    """Keeps the lines of one fund.

    `partner` is the general partner's account; `ids` numbers the allocations.
    """

    vehicle_id: str
    currency_code: str
    partner: str
    ids: Iterator[int]
    unapplied: dict[str, int] = field(default_factory=dict)

    def quarter(
        self,
        running: int,
        items: Sequence[Transaction],
        gains: dict[str, int],
        members: dict[str, int],
        profit: int,
    ) -> list[Allocation]:
        """The lines of a quarter: its transactions, what each account gained, commitments, profit of its
        sales.
        """
        day = calendar.last_day(running)
        rows: list[Allocation] = []
        totals = dict(gains)
        for line, amount in self._expenses(items).items():
            for account, part in split(amount, members).items():
                rows += self._row(account, line, -part, day)
                totals[account] += part
        rows += self._fees(items, day)
        rows += self._outside(items)
        realized = split(profit, members)
        carry = self._carry(totals, members)
        for account, total in totals.items():
            rows += self._row(account, "realized_gain", realized.get(account, 0), day)
            rows += self._row(
                account, "unrealized_gain", total - realized.get(account, 0) - carry[account], day
            )
            rows += self._row(account, "carry_charged_unrealized", carry[account], day)
        if day.month == 12:
            rows += self._monitoring(members, day)
        return rows

    def _carry(self, totals: dict[str, int], members: dict[str, int]) -> dict[str, int]:
        """By account: what the partner is owed of its gains, and what the others are charged for it."""
        owed = totals[self.partner] * CARRY_SHARE // 100
        others = {account: weight for account, weight in members.items() if account != self.partner}
        charged = split(-owed, others)
        return {account: charged.get(account, 0) for account in totals} | {self.partner: owed}

    def _expenses(self, items: Sequence[Transaction]) -> dict[str, int]:
        found: dict[str, int] = {}
        for item in items:
            if item.kind == "expense" and item.investor_id is None:
                audit = item.amount.value * AUDIT_SHARE // 100
                rest = ("external_administration_and_accounting", item.amount.value - audit)
                lines = (
                    [(item.category, item.amount.value)]
                    if item.category
                    else [("external_audit", audit), rest]
                )
                for line, amount in lines:
                    found[line] = found.get(line, 0) + amount
        return found

    def _fees(self, items: Sequence[Transaction], day: date) -> list[Allocation]:
        """The fee that was charged is net of offsets: those recognised last year are applied in the first
        quarter.
        """
        rows: list[Allocation] = []
        for item in items:
            if item.kind == "fee" and item.investor_id is not None:
                applied = self.unapplied.pop(item.investor_id, 0) if day.month == 3 else 0
                rows += self._row(item.investor_id, "management_fees", -item.amount.value - applied, day)
                rows += self._row(item.investor_id, "management_fee_offsets", applied, day)
        return rows

    def _outside(self, items: Sequence[Transaction]) -> list[Allocation]:
        """What is called outside the commitment does not stay in the account."""
        rows: list[Allocation] = []
        for item in items:
            if item.kind == "contribution" and item.outside_commitment and item.investor_id:
                line = "placement_fees" if item.purpose == "management_fees" else "partner_transfers"
                rows += self._row(item.investor_id, line, -item.amount.value, item.effective_on)
        return rows

    def _monitoring(self, members: dict[str, int], day: date) -> list[Allocation]:
        """A fee received of which four fifths offset the management fee; parts are multiples of five
        cents.
        """
        rows: list[Allocation] = []
        nickels = sum(members.values()) * MONITORING // 10_000 // 5
        for account, part in split(nickels, members).items():
            rows += self._row(account, "received_monitoring", 5 * part, day, "0.8")
            self.unapplied[account] = self.unapplied.get(account, 0) + 4 * part
        return rows

    def _row(
        self, account: str, line: str, cents: int, day: date, offset_rate: str | None = None
    ) -> list[Allocation]:
        if cents == 0:
            return []
        return [
            Allocation(
                f"a-{next(self.ids):05d}",
                self.vehicle_id,
                account,
                line,
                Cents(cents),
                self.currency_code,
                day,
                offset_rate,
            )
        ]
