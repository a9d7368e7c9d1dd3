"""What a vehicle holds: each holding's return, gross figures, losses, concentration (METRICS 1 and 7)."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.book import Flow, Holding, Vehicle
from orchestration.lib.oracle.questions import Answers, Asked, Made, filed, ratio
from orchestration.lib.oracle.rate_of_return import Rate, rate_of_return
from orchestration.lib.oracle.standing import Ledger, Money, Worth, signed, total


@dataclass(frozen=True)
class Held:
    """One holding at a date: cash in and out to date in the vehicle's currency, and what is left."""

    holding: Holding
    as_of: date
    flows: tuple[tuple[Flow, Money], ...]
    worth: Worth
    is_rate_missing: bool

    @property
    def invested(self) -> Money:
        """What went in."""
        return total(amount for flow, amount in self.flows if flow.kind == "investment")

    @property
    def proceeds(self) -> Money:
        """What came out, interest included."""
        return total(amount for flow, amount in self.flows if flow.kind != "investment")

    @property
    def is_something(self) -> bool:
        """Whether anything is known of it yet."""
        return bool(self.flows) or self.worth.status != "missing"


def holdings_of(ledger: Ledger, vehicle: Vehicle, as_of: date) -> list[Held]:
    """All holdings of a vehicle at a date."""
    return [
        Held(holding, as_of, tuple(flows), worth, is_missing)
        for holding in ledger.book.holdings.values()
        if holding.vehicle_id == vehicle.vehicle_id
        for flows, worth, is_missing in [ledger.holding(holding, as_of)]
    ]


def gross_rate(flows: list[tuple[Flow, Money]], nav: Money, as_of: date) -> Rate | None:
    """The rate of return of cash with holdings; None where a part is unknown."""
    known = [(flow.on, signed(flow, amount)) for flow, amount in flows]
    amounts = [(day, amount) for day, amount in known if amount is not None]
    if nav is None or len(amounts) < len(known):
        return None
    return rate_of_return([*amounts, (as_of, nav)])


def gross(held: list[Held], as_of: date, ask: Asked) -> Answers:
    """Before fees and carry: one unknown value makes both figures unknown."""
    flows = [pair for one in held for pair in one.flows]
    nav = total(one.worth.amount for one in held if one.is_something) if held else None
    invested = total(one.invested for one in held) if held else None
    proceeds = total(one.proceeds for one in held)
    together = None if nav is None or proceeds is None else proceeds + nav
    rate = gross_rate(flows, nav, as_of) if flows else None
    status = rate.status if rate else None
    return filed(
        [
            ("gross_irr", rate.value if rate else None, "fraction", status),
            ("gross_moic", ratio(together, invested), "multiple", status),
        ],
        ask,
    )


def each_holding(held: list[Held], is_latest: bool, beside: Answers) -> Answers:
    """The figures of each holding from its first flow or value on, and at the latest date."""
    found: Answers = {}
    for one in held:
        if not (is_latest or one.is_something):
            continue
        rate = gross_rate(list(one.flows), one.worth.amount, one.as_of)
        status = "no_flows" if not one.flows else rate.status if rate else None
        together = (
            None if one.worth.amount is None or one.proceeds is None else one.proceeds + one.worth.amount
        )
        ask: Asked = ("holding", one.holding.holding_id, one.as_of, one.holding.vehicle_id)
        beside |= filed([("flows", Fraction(len(one.flows)), "count", None)], ask)
        found |= filed(
            [
                ("invested_amount", one.invested, "money", None),
                ("proceeds_amount", one.proceeds, "money", None),
                ("nav_amount", one.worth.amount, "money", one.worth.status),
                ("moic", ratio(together, one.invested), "multiple", one.worth.status),
                ("irr", rate.value if rate else None, "fraction", status),
                ("period_return", rate.period_return if rate else None, "fraction", status),
            ],
            ask,
        )
    return found


def concentration(held: list[Held], capital: Money, ask: Asked, beside: Answers) -> Answers:
    """Losses by three conventions; weights in partners' capital, which need not sum to 1."""
    counted = [one for one in held if one.is_something]
    values = [one.worth.amount for one in counted]
    nav = total(values) if counted else None
    made: list[Made] = [("holdings", Fraction(len(counted)), "count", None)]
    made += _losses(counted)
    cost = total(one.invested for one in counted) if counted else None
    beside |= filed([("invested_amount", cost, "money", None)], ask)
    if not counted:
        status = "no_holdings"
    elif nav is None:
        status = "missing_value"
    elif capital is None:
        status = "missing_nav"
    else:
        status = "ok" if capital > 0 else "no_capital"
    known = sorted((value for value in values if value is not None), reverse=True)
    held_now = Fraction(sum(value != 0 for value in known)) if nav is not None or not counted else None
    made += [("holdings_held", held_now, "count", status), ("holdings_nav_amount", nav, "money", status)]
    whole = capital if status == "ok" else None
    squares = sum((value * value for value in known), Fraction(0))
    made += [
        ("invested_share", ratio(nav, whole), "fraction", status),
        ("top_1_share", ratio(sum(known[:1], Fraction(0)), whole), "fraction", status),
        ("top_5_share", ratio(sum(known[:5], Fraction(0)), whole), "fraction", status),
        ("top_10_share", ratio(sum(known[:10], Fraction(0)), whole), "fraction", status),
        ("hhi", ratio(squares, whole * whole if whole else None), "fraction", status),
        ("effective_holdings", ratio(whole * whole if whole else None, squares), "count", status),
    ]
    return filed(made, ask)


def _losses(counted: list[Held]) -> list[Made]:
    parts = [(one.invested, one.proceeds, one.worth.amount) for one in counted]
    deals = [
        (cost, proceeds + left)
        for cost, proceeds, left in parts
        if cost is not None and proceeds is not None and left is not None
    ]
    invested = sum((cost for cost, _ in deals), Fraction(0))
    if not counted:
        status = "no_holdings"
    elif len(deals) < len(parts):
        status = "missing_value"
    else:
        status = "ok" if invested else "no_cost"
    lost = [(cost, value) for cost, value in deals if value < cost] if status == "ok" else []
    whole = invested if status == "ok" else None
    count = Fraction(sum(cost > 0 for cost, _ in deals)) if status == "ok" else None
    return [
        ("loss_ratio_cost", ratio(sum((cost for cost, _ in lost), Fraction(0)), whole), "fraction", status),
        (
            "loss_ratio_loss",
            ratio(sum((cost - value for cost, value in lost), Fraction(0)), whole),
            "fraction",
            status,
        ),
        ("loss_ratio_count", ratio(Fraction(len(lost)), count), "fraction", status),
    ]
