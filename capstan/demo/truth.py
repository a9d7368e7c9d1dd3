"""The true answers of the demo world, computed from its facts alone: no SQL, no file, nothing of Capstan's.

Sums are exact (`Decimal`), ratios are `Fraction`. Rates of return are not computed here: `cash_flows` gives
what a solver needs, and the tests ask an independent one. Definitions are those of docs/metrics.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from capstan.demo import calendar
from capstan.demo.company import STAGES
from capstan.demo.facts import (
    Cents,
    Commitment,
    FxRate,
    Payment,
    StageEvent,
    Transaction,
    Valuation,
    Vehicle,
)
from capstan.demo.world import DemoTenant

CommitmentKey = tuple[str, str]
"""Vehicle and investor."""


@dataclass(frozen=True)
class Performance:
    """An investor's standing in a vehicle (or a vehicle's, over all investors) at a date.

    Amounts are positive. `nav_amount` is None while nothing was ever reported: then rvpi and tvpi are None.
    `cash_flows` are in the investor's sign, paid in is negative, without the value at the date.
    """

    commitment_amount: Decimal
    contributed_amount: Decimal
    distributed_amount: Decimal
    recallable_amount: Decimal
    unfunded_amount: Decimal
    nav_amount: Decimal | None
    nav_as_of: date | None
    dpi: Fraction | None
    rvpi: Fraction | None
    tvpi: Fraction | None
    pic: Fraction | None
    cash_flows: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True)
class CapitalAccount:
    """One quarter of a capital account: opening + contributions - distributions - fees + gain = closing."""

    opening_amount: Decimal | None
    contributions_amount: Decimal
    distributions_amount: Decimal
    fees_amount: Decimal
    gain_amount: Decimal | None
    closing_amount: Decimal | None


@dataclass(frozen=True)
class Progress:
    """How full a round is, in its currency; `collected_amount` is what payments brought."""

    soft_circled_amount: Decimal
    signed_amount: Decimal
    funded_amount: Decimal
    collected_amount: Decimal
    investors: int


@dataclass(frozen=True)
class FunnelStage:
    """Investors who ever entered a stage of a round, and what became of them.

    `advanced` is None for the stages that lead nowhere, `committed` and `passed`.
    """

    entered: int
    advanced: int | None
    passed: int
    open: int


def _money(values: Iterable[Cents]) -> Decimal:
    return Decimal(sum(value.value for value in values)) / 100


def _ratio(part: Decimal, whole: Decimal) -> Fraction | None:
    return Fraction(part) / Fraction(whole) if whole else None


@dataclass(frozen=True)
class Portfolio:
    """All of an investor's positions at a date in the tenant's currency; `cash_flows` as in `Performance`."""

    contributed_amount: Decimal
    distributed_amount: Decimal
    nav_amount: Decimal
    cash_flows: tuple[tuple[date, Decimal], ...]


class Truth:
    """Answers about one tenant."""

    def __init__(self, tenant: DemoTenant):
        self.tenant = tenant
        self.transactions = [fact for fact in tenant.facts if isinstance(fact, Transaction)]
        self.valuations = [fact for fact in tenant.facts if isinstance(fact, Valuation)]
        self.commitments = [fact for fact in tenant.facts if isinstance(fact, Commitment)]
        self.moves = [fact for fact in tenant.facts if isinstance(fact, StageEvent)]
        self.payments = [fact for fact in tenant.facts if isinstance(fact, Payment)]

    def latest(self, vehicle_id: str) -> date:
        """The newest date that the vehicle's flows and valuations know."""
        flows = [item.effective_on for item in self.transactions if item.vehicle_id == vehicle_id]
        return max(flows + [item.as_of for item in self.valuations if item.vehicle_id == vehicle_id])

    def members(self, vehicle_id: str) -> list[str]:
        """Investors with money in the vehicle."""
        return sorted({item.investor_id for item in self._flows(vehicle_id, None) if item.investor_id})

    def performance(self, vehicle_id: str, investor_id: str | None, as_of: date) -> Performance:
        """Multiples and flows at a date; `investor_id` None is the vehicle over all its investors."""
        flows = [item for item in self._flows(vehicle_id, investor_id) if item.effective_on <= as_of]
        paid_in = [item for item in flows if item.kind == "contribution"]
        paid_out = [item for item in flows if item.kind == "distribution"]
        committed = self._committed(vehicle_id, investor_id, as_of)
        contributed = _money(item.amount for item in paid_in)
        distributed = _money(item.amount for item in paid_out)
        recallable = _money(item.amount for item in paid_out if item.recallable)
        inside = _money(item.amount for item in paid_in if not item.outside_commitment)
        reported_on, nav = self._nav(vehicle_id, investor_id, as_of)
        return Performance(
            committed,
            contributed,
            distributed,
            recallable,
            committed - inside + recallable,
            nav,
            reported_on,
            _ratio(distributed, contributed),
            None if nav is None else _ratio(nav, contributed),
            None if nav is None else _ratio(distributed + nav, contributed),
            _ratio(contributed, committed),
            tuple((item.effective_on, _signed(item)) for item in flows),
        )

    def as_of_dates(self, vehicle_id: str, investor_id: str | None) -> list[date]:
        """Each quarter end since the first flow, and the vehicle's latest date."""
        first = min(item.effective_on for item in self._flows(vehicle_id, investor_id))
        latest = self.latest(vehicle_id)
        return sorted({*calendar.quarter_ends(first, latest), latest})

    def capital_account(self, vehicle_id: str, investor_id: str, quarter_end: date) -> CapitalAccount:
        """One quarter of an account; the quarter of the vehicle's latest date closes at that date.

        Opening, gain and closing are None where a value was never reported: missing is not zero.
        """
        running = calendar.quarter_of(quarter_end)
        flows = [
            item
            for item in self.transactions
            if item.vehicle_id == vehicle_id and item.investor_id == investor_id
        ]
        inside = [item for item in flows if calendar.quarter_of(item.effective_on) == running]
        first = min(calendar.quarter_of(item.effective_on) for item in flows)
        _, closing = self._nav(vehicle_id, investor_id, min(quarter_end, self.latest(vehicle_id)))
        _, opening = self._nav(vehicle_id, investor_id, calendar.last_day(running - 1))
        if running == first:
            opening = Decimal(0)
        paid_in, paid_out, fees = (
            _money(item.amount for item in inside if item.kind == kind)
            for kind in ("contribution", "distribution", "fee")
        )
        gain = None
        if closing is not None and opening is not None:
            gain = closing - opening - paid_in + paid_out + fees
        return CapitalAccount(opening, paid_in, paid_out, fees, gain, closing)

    def portfolio(self, investor_id: str, as_of: date, rates: "Rates") -> Portfolio:
        """Each flow at the rate of its own day, each value at the date's; after the first valuations only."""
        to = self.tenant.currency_code
        flows = sorted(
            (
                (item.effective_on, _signed(item) * rates.rate(item.currency_code, to, item.effective_on))
                for item in self.transactions
                if item.investor_id == investor_id
                and item.kind in ("contribution", "distribution")
                and item.effective_on <= as_of
            ),
            key=lambda flow: flow[0],
        )
        vehicles = [fact for fact in self.tenant.facts if isinstance(fact, Vehicle)]
        values = [
            (nav, rates.rate(vehicle.currency_code, to, as_of))
            for vehicle in vehicles
            if (nav := self._nav(vehicle.vehicle_id, investor_id, as_of)[1]) is not None
        ]
        return Portfolio(
            -sum((amount for _, amount in flows if amount < 0), Decimal(0)),
            sum((amount for _, amount in flows if amount > 0), Decimal(0)),
            sum((nav * rate for nav, rate in values), Decimal(0)),
            tuple(flows),
        )

    def progress(self, vehicle_id: str) -> Progress:
        """Commitments of a vehicle by status, and what was collected."""
        mine = [item for item in self.commitments if item.vehicle_id == vehicle_id]
        soft, signed, funded = (
            _money(item.amount for item in mine if item.status == status)
            for status in ("soft_circled", "signed", "funded")
        )
        keys = {item.commitment_id for item in mine}
        collected = _money(
            item.amount for item in self.payments if item.status == "succeeded" and item.commitment_id in keys
        )
        return Progress(
            soft,
            signed,
            funded,
            collected,
            len({item.investor_id for item in mine if item.status != "cancelled"}),
        )

    def funnel(self, vehicle_id: str) -> dict[str, FunnelStage]:
        """The stages of a round as cohorts, told from the story of one investor after another.

        The story of an investor is the list of stages that it came to, in time; the last is where it stands.
        It counts once in each stage of its story, however often it came back (`entered`), and there as
        - advanced, if its story later names a stage nearer to the commitment. From `committed` there is none,
          and `passed` is beside the way: nobody advances from either, so there the count is None and not 0;
        - passed, if it never advanced from the stage and its last stage is `passed`: it was lost from here.
          One that had advanced was lost from a later stage, and one that came back was not lost;
        - open, if it never advanced and its last stage is on the way to the commitment: it still may.
        Who stands at `committed` reached the end. It advanced from all stages before; at `committed` itself
        (or at a `passed` that was taken back) it is neither lost nor open, only `entered`.
        """
        cohorts: dict[str, Counter[str]] = {stage: Counter() for stage in (*STAGES, "passed")}
        for story in self._paths(vehicle_id).values():
            for stage in set(story):
                cohorts[stage]["entered"] += 1
                cohorts[stage][_fate(stage, story)] += 1
        return {
            stage: FunnelStage(
                fates["entered"],
                fates["advanced"] if stage in STAGES[:-1] else None,
                fates["passed"],
                fates["open"],
            )
            for stage, fates in cohorts.items()
        }

    def win_rate(self, vehicle_id: str) -> Fraction:
        """Committed / (committed + passed), by where each investor stands now."""
        now = Counter(path[-1] for path in self._paths(vehicle_id).values())
        return Fraction(now["committed"], now["committed"] + now["passed"])

    def _paths(self, vehicle_id: str) -> dict[str, list[str]]:
        paths: dict[str, list[str]] = {}
        for move in sorted(self.moves, key=lambda item: item.occurred_at):
            if move.vehicle_id == vehicle_id:
                paths.setdefault(move.investor_id, []).append(move.to_stage)
        return paths

    def _committed(self, vehicle_id: str, investor_id: str | None, as_of: date) -> Decimal:
        """What was signed by the date; at the vehicle's latest date everything signed counts."""
        signed = (
            item
            for item in self.commitments
            if item.vehicle_id == vehicle_id
            and item.status in ("signed", "funded")
            and investor_id in (None, item.investor_id)
            and (item.signed_on is None or item.signed_on <= as_of or as_of == self.latest(vehicle_id))
        )
        return _money(item.amount for item in signed)

    def _flows(self, vehicle_id: str, investor_id: str | None) -> list[Transaction]:
        return [
            item
            for item in self.transactions
            if item.vehicle_id == vehicle_id
            and item.kind in ("contribution", "distribution")
            and investor_id in (None, item.investor_id)
        ]

    def _nav(
        self, vehicle_id: str, investor_id: str | None, as_of: date
    ) -> tuple[date | None, Decimal | None]:
        """The last reported value on or before the date, rolled by the flows since; its date and amount."""
        known = [
            item
            for item in self.valuations
            if item.vehicle_id == vehicle_id
            and item.holding_id is None
            and item.investor_id == investor_id
            and item.as_of <= as_of
        ]
        if not known:
            return None, None
        last = max(known, key=lambda item: item.as_of)
        since = [
            item for item in self._flows(vehicle_id, investor_id) if last.as_of < item.effective_on <= as_of
        ]
        return last.as_of, _money([last.nav_amount]) - sum((_signed(item) for item in since), Decimal(0))


class Rates:
    """Exchange rates of the platform: the last one on or before a day."""

    def __init__(self, platform: DemoTenant):
        self._days: dict[tuple[str, str], list[date]] = {}
        self._rates: dict[tuple[str, str], list[Decimal]] = {}
        for fact in platform.facts:
            if isinstance(fact, FxRate):
                pair = (fact.base_currency_code, fact.quote_currency_code)
                self._days.setdefault(pair, []).append(fact.on_date)
                self._rates.setdefault(pair, []).append(Decimal(fact.rate))

    def rate(self, base: str, quote: str, day: date) -> Decimal:
        """Units of `quote` for one unit of `base`; 1 for the same currency. KeyError for an unknown pair."""
        if base == quote:
            return Decimal(1)
        return self._rates[base, quote][bisect_right(self._days[base, quote], day) - 1]


def _fate(stage: str, story: list[str]) -> str:
    """What became of an investor with this story after it first came to the stage."""
    nearer = STAGES[STAGES.index(stage) + 1 :] if stage in STAGES else ()
    if set(nearer) & set(story[story.index(stage) :]):
        return "advanced"
    if story[-1] in ("committed", "passed"):
        return story[-1]
    return "open"


def _signed(item: Transaction) -> Decimal:
    amount = _money([item.amount])
    return -amount if item.kind == "contribution" else amount
