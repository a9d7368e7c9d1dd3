"""The life of a fund, quarter by quarter, kept like a fund accountant keeps it: every cent has a counterpart.

A plan (who commits, which companies are bought and sold when) becomes facts: calls, investments, proceeds,
distributions, fees and valuations. The value of a fund is that of its holdings plus its cash; each quarter's
gain is what closes the books, and is shared among the capital accounts: they sum to the fund to the cent.
No company here owes its value to anything but the seeded random numbers of its plan.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from capstan.demo import calendar
from capstan.demo.allocations import Administrator
from capstan.demo.facts import Allocation, Cents, Holding, Transaction, Valuation
from capstan.demo.fund_plans import BASIS_POINTS, Deal, FundPlan
from capstan.demo.shares import split

FACILITY_RATE = 620
"""Annual rate of subscription lines, simple on ACT/365, in basis points."""
FACILITY_INTEREST = "subscription_facility_interest"


@dataclass
class FundFacts:
    """What came of a plan."""

    holdings: list[Holding] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    valuations: list[Valuation] = field(default_factory=list)


class FundLife:
    """Runs a plan; `ids` numbers the transactions of the tenant.

    A sold company is valued at zero in the first report after its sale and not mentioned afterwards.
    """

    def __init__(self, plan: FundPlan, ids: Iterator[int]):
        self.plan = plan
        self.ids = ids
        self.random = random.Random(plan.seed)  # noqa: S311 (a story, not a secret)
        self.facts = FundFacts()
        self.committed = {item.investor_id: item.amount.value for item in plan.commitments}
        self.total = sum(self.committed.values())
        self.accounts = dict.fromkeys(self.committed, 0)
        self.called = 0
        self.cash = 0
        self.values: dict[str, int] = {}
        self.costs: dict[str, int] = {}
        self.sold: set[str] = set()
        self.profit = 0
        self.administrator = (
            Administrator(plan.vehicle.vehicle_id, plan.vehicle.currency_code, plan.general_partner, count(1))
            if plan.general_partner
            else None
        )

    def run(self) -> FundFacts:
        """All facts of the fund, in the order in which they happened."""
        for deal in self.plan.deals:
            status = "realised" if deal.sold is not None and deal.sold <= self.plan.last else "held"
            self.facts.holdings.append(
                Holding(
                    deal.holding_id,
                    self.plan.vehicle.vehicle_id,
                    deal.name,
                    deal.sector,
                    deal.country_code,
                    self._bought_on(deal.bought),
                    "written_off" if status == "realised" and deal.exit_growth == -BASIS_POINTS else status,
                )
            )
        for running in range(self.plan.first, self.plan.last + 1):
            self._quarter(running)
        if self.plan.final_distribution_on:
            self._distribute(self.plan.final_distribution_on, self.cash // 2, False)
        return self.facts

    def _bought_on(self, running: int) -> date:
        """The day on which the quarter's companies are bought: before the call where a line pays."""
        if running in self.plan.facility_quarters:
            return calendar.in_quarter(running, 1, 11)
        return calendar.in_quarter(running, 2, 20)

    def _members(self, running: int) -> dict[str, int]:
        """The commitments of those who are in the fund in this quarter."""
        late = self.plan.late_investor if running < self.plan.late_quarter else None
        return {key: amount for key, amount in self.committed.items() if key != late}

    def _quarter(self, running: int) -> None:
        before = dict(self.accounts)
        paid_in = dict.fromkeys(self.accounts, 0)
        fees = dict.fromkeys(self.accounts, 0)
        start = len(self.facts.transactions)
        if running == self.plan.late_quarter and self.plan.late_investor:
            self._late_close(running, self.plan.late_investor)
        self._call(running)
        self._deals(running)
        self._charges(running)
        for item in self.facts.transactions[start:]:
            account = item.investor_id
            if account is None or item.outside_commitment:
                continue
            if item.kind == "contribution":
                paid_in[account] += item.amount.value
                self.accounts[account] += item.amount.value
            elif item.kind == "distribution":
                self.accounts[account] -= item.amount.value
            elif item.kind == "fee":
                fees[account] += item.amount.value
                self.accounts[account] -= item.amount.value
        if self.cash < 0:
            raise AssertionError(f"{self.plan.vehicle.vehicle_id} runs out of cash in quarter {running}")
        nav = self.cash + sum(self.values.values())
        gain = nav - sum(self.accounts.values())
        weights = {key: before[key] + paid_in[key] for key in self.accounts}
        gains = split(gain, weights)
        for account, part in gains.items():
            self.accounts[account] += part
        if self.administrator:
            items, members = self.facts.transactions[start:], self._members(running)
            self.facts.allocations += self.administrator.quarter(running, items, gains, members, self.profit)
        self.profit = 0
        if running not in self.plan.unreported_quarters:
            self._report(calendar.last_day(running))

    def _late_close(self, running: int, newcomer: str) -> None:
        """The newcomer pays its part of all earlier calls with interest, the others get that part back."""
        day = calendar.in_quarter(running, 1, 8)
        catch_up = self.committed[newcomer] * self.called // self.total
        interest = catch_up * 4 // 100
        self._flow(
            day, newcomer, "contribution", "investments", catch_up, "Later closing: share of earlier calls"
        )
        self._flow(
            day,
            newcomer,
            "contribution",
            "other",
            interest,
            "Later closing: interest",
            outside_commitment=True,
        )
        others = {key: amount for key, amount in self.committed.items() if key != newcomer}
        for key, part in split(catch_up, others).items():
            self._flow(
                day,
                key,
                "distribution",
                "return_of_capital",
                part,
                "Later closing: equalisation",
                recallable=True,
            )

    def _call(self, running: int) -> None:
        """One call a quarter at most: new deals, and twice a year the fees and expenses of two quarters."""
        parts = {"investments": sum(deal.cost for deal in self.plan.deals if deal.bought == running)}
        if (running - self.plan.first) % 2 == 0:
            parts["management_fees"] = 2 * self.plan.fee
            parts["partnership_expenses"] = 12
        if running == self.plan.first:
            parts["organizational_expenses"] = 15
        day = calendar.in_quarter(running, 2, 12)
        due = day - timedelta(days=2)
        drawn_on = self._bought_on(running) if running in self.plan.facility_quarters else None
        interest = 0
        for purpose, rate in parts.items():
            for key, amount in self._members(running).items():
                if rate == 0 or (
                    key == self.plan.defaulting_investor and running >= self.plan.default_quarter
                ):
                    continue
                paid = amount * rate // BASIS_POINTS
                repays = drawn_on if purpose == "investments" else None
                text = f"Call for {purpose.replace('_', ' ')}"
                self._flow(day, key, "contribution", purpose, paid, text, due=due, drawn_on=repays)
                self.cash += paid
                self.called += paid
                if repays:
                    interest += self._call_interest(day, key, paid, repays, due)
        if interest:
            self._vehicle_flow(
                day,
                "expense",
                interest,
                None,
                "partnership_expenses",
                "Subscription line: interest",
                FACILITY_INTEREST,
            )
            self.cash -= interest
        if running == self.plan.first and self.plan.placement_fee_investor:
            key = self.plan.placement_fee_investor
            self._flow(
                day,
                key,
                "contribution",
                "management_fees",
                self.committed[key] * 60 // BASIS_POINTS,
                "Placement fee outside the commitment",
                due=due,
                outside_commitment=True,
            )

    def _call_interest(self, day: date, key: str, borrowed: int, drawn_on: date, due: date) -> int:
        """Calls an investor's part of the interest of the line."""
        interest = borrowed * FACILITY_RATE * (day - drawn_on).days // (365 * BASIS_POINTS)
        text = "Call for interest of the subscription line"
        purpose = "partnership_expenses"
        self._flow(day, key, "contribution", purpose, interest, text, due=due, category=FACILITY_INTEREST)
        self.cash += interest
        self.called += interest
        return interest

    def _deals(self, running: int) -> None:
        """Growth, purchases and sales; what a sale brings is distributed in the quarter's last month."""
        for deal in self.plan.deals:
            if deal.bought == running:
                cost = sum(self._members(running).values()) * deal.cost // BASIS_POINTS
                self._vehicle_flow(self._bought_on(running), "investment", cost, deal)
                self.cash -= cost
                self.values[deal.holding_id] = cost
                self.costs[deal.holding_id] = cost
            elif deal.holding_id in self.values and deal.holding_id not in self.sold:
                growth = deal.growth + self.random.randint(-280, 280)
                if deal.sold == running:
                    growth = deal.exit_growth
                value = self.values[deal.holding_id] * (BASIS_POINTS + growth) // BASIS_POINTS
                self.values[deal.holding_id] = value
                if deal.sold == running:
                    self.sold.add(deal.holding_id)
                    self.values[deal.holding_id] = 0
                    self._sell(running, deal, value)

    def _sell(self, running: int, deal: Deal, proceeds: int) -> None:
        self.profit += proceeds - self.costs[deal.holding_id]
        if proceeds == 0:
            return
        self._vehicle_flow(calendar.in_quarter(running, 2, 24), "proceeds", proceeds, deal)
        self.cash += proceeds
        out = proceeds * 96 // 100
        self._distribute(
            calendar.in_quarter(running, 3, 18),
            out,
            running in self.plan.recallable_quarters,
            self.costs[deal.holding_id],
        )

    def _distribute(self, day: date, total: int, recallable: bool, cost: int = 0) -> None:
        """Return of capital up to cost, the rest gain; a cash distribution without a sale is income."""
        capital = min(total, cost)
        parts = {"return_of_capital": capital, "realized_gain" if cost else "income": total - capital}
        members = self._members(calendar.quarter_of(day))
        for purpose, amount in parts.items():
            for key, part in split(amount, members).items():
                if part:
                    self._flow(
                        day,
                        key,
                        "distribution",
                        purpose,
                        part,
                        f"Distribution: {purpose.replace('_', ' ')}",
                        recallable=recallable and purpose == "return_of_capital",
                    )
        self.cash -= total

    def _charges(self, running: int) -> None:
        """The management fee, charged to each capital account, and the fund's own expenses."""
        day = calendar.in_quarter(running, 3, 25)
        for key, amount in self._members(running).items():
            fee = amount * self.plan.fee // BASIS_POINTS
            self._flow(day, key, "fee", "management_fees", fee, "Management fee of the quarter")
            self.cash -= fee
        expenses = sum(self._members(running).values()) * 5 // BASIS_POINTS
        self._vehicle_flow(day, "expense", expenses, None, "partnership_expenses", "Audit and administration")
        self.cash -= expenses

    def _report(self, as_of: date) -> None:
        vehicle = self.plan.vehicle
        basis = "audited" if as_of.month == 12 else "reported"
        members = self._members(calendar.quarter_of(as_of))

        def row(investor: str | None, holding: str | None, cents: int) -> Valuation:
            return Valuation(
                vehicle.vehicle_id, investor, holding, as_of, Cents(cents), vehicle.currency_code, basis
            )

        accounts = {key: value for key, value in self.accounts.items() if key in members}
        self.facts.valuations.append(row(None, None, sum(accounts.values())))
        self.facts.valuations.extend(row(key, None, value) for key, value in accounts.items())
        self.facts.valuations.extend(row(None, key, value) for key, value in self.values.items())
        self.values = {key: value for key, value in self.values.items() if key not in self.sold}

    def _flow(
        self,
        day: date,
        investor: str | None,
        kind: str,
        purpose: str | None,
        cents: int,
        description: str,
        *,
        due: date | None = None,
        holding: str | None = None,
        recallable: bool | None = None,
        outside_commitment: bool | None = None,
        category: str | None = None,
        drawn_on: date | None = None,
    ) -> None:
        settled = day + timedelta(days=self.random.choice((0, 0, 1, 2))) if kind == "contribution" else day
        self.facts.transactions.append(
            Transaction(
                f"t-{next(self.ids):05d}",
                self.plan.vehicle.vehicle_id,
                investor,
                holding,
                kind,
                purpose,
                Cents(cents),
                self.plan.vehicle.currency_code,
                day,
                due,
                settled,
                recallable,
                outside_commitment,
                description,
                category,
                drawn_on,
            )
        )

    def _vehicle_flow(
        self,
        day: date,
        kind: str,
        cents: int,
        deal: Deal | None,
        purpose: str | None = None,
        description: str | None = None,
        category: str | None = None,
    ) -> None:
        text = description or (f"{kind.capitalize()}: {deal.name}" if deal else kind)
        holding = deal.holding_id if deal else None
        self._flow(day, None, kind, purpose, cents, text, holding=holding, category=category)
