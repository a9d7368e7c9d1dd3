"""What terms give beside what was allocated: fee, waterfall, accrued carry, clawback (METRICS 8, 9.3)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.answers import Computed
from orchestration.lib.oracle.book import Terms
from orchestration.lib.oracle.carry import tiers_of
from orchestration.lib.oracle.ilpa_accounts import SPANS, spans_of
from orchestration.lib.oracle.ilpa_stated import Fund
from orchestration.lib.oracle.questions import Answer, Question, Row, Table, Value, ratio, table
from orchestration.lib.oracle.standing import signed, total

Number = Fraction | float | None
Spans = tuple[Number, Number, Number]
"""In the quarter, in the year to date, since inception."""
REDUCTIONS = ("management_fee_rebates", "management_fee_waivers", "management_fee_offsets")
BY_TERMS = ("fee_by_terms", "fee_by_terms_net", "fee_difference")
TIERS = ("return_of_capital", "preferred_return", "catch_up", "split")
NOTHING: Spans = (Fraction(0), Fraction(0), Fraction(0))
_COLUMNS = (
    "calculated_on", "base_amount", "commitment_share", "status",
    *(f"{side}_{span}_amount" for side in ("total", "gp") for span in SPANS),
)  # fmt: skip


def calculation_table(found: Computed, funds: Sequence[Fund], allocated: Table) -> Table:
    """Every row of every fund whose terms are known. `allocated`: section A.1, beside which fees stand."""
    rows = (
        {
            **row,
            "vehicle_id": one.vehicle.vehicle_id,
            "investor_id": key,
            "period_end": end,
            "commitment_share": share,
        }
        for one in funds
        if (terms := found.ledger.book.terms.get(one.vehicle.vehicle_id))
        for end in one.period_ends
        for row in _rows(found, one, terms, end, allocated)
        for key, share in _shares(one).items()
    )
    return table(
        "rpt_ilpa_supplemental_calculations",
        ("vehicle_id", "investor_id", "period_end", "line"),
        _COLUMNS,
        rows,
        is_paid_in_cents=True,
    )


def _shares(one: Fund) -> dict[str, Fraction | None]:
    """Of all commitments: unknown where one of them is."""
    whole = total(holder.committed for holder in one.holders)
    return {holder.investor_id: ratio(holder.committed, whole) for holder in one.holders}


def _rows(found: Computed, one: Fund, terms: Terms, end: date, allocated: Table) -> Iterator[Row]:
    quarter = spans_of(end)[0].since or end
    known = [day for day in found.ledger.as_ofs(one.vehicle) if quarter < day <= end]
    if not known:
        return
    on = known[-1]
    fee, carried = (
        _told(found, one, "management_fee_accrued_amount", on),
        _told(found, one, "carry_accrued_amount", on),
    )
    base = found.beside[_asked(one, "fee_base_amount", on)].value
    is_fee_known, is_carry_known = fee.status == "ok", carried.status == "ok"
    for line, sides in _figures(found, one, terms, end, on, allocated).items():
        is_fee = line in (*BY_TERMS, *REDUCTIONS, "management_fees_net")
        is_known = (is_fee_known or line not in BY_TERMS) if is_fee else is_carry_known
        row: dict[str, Value] = {
            "line": line,
            "calculated_on": on,
            "base_amount": base if line == "fee_by_terms" else None,
            "status": fee.status if is_fee else carried.status,
        }
        for side, spans in zip(("total", "gp"), sides, strict=True):
            for span, amount in zip(SPANS, spans, strict=True):
                row[f"{side}_{span}_amount"] = amount if is_known else None
        yield row


def _figures(
    found: Computed, one: Fund, terms: Terms, end: date, on: date, allocated: Table
) -> Mapping[str, tuple[Spans, Spans]]:
    fees = _by_terms(found, one, "management_fee_accrued_amount", end, on)
    rows: dict[str, tuple[Spans, Spans]] = {"fee_by_terms": (_times(fees, -1), NOTHING)}
    for line in (*REDUCTIONS, "management_fees_net"):
        rows[line] = (_in_accounts(one, end, line, allocated), NOTHING)
    net = _added(rows["fee_by_terms"][0], *(rows[line][0] for line in REDUCTIONS))
    rows["fee_by_terms_net"] = (net, NOTHING)
    rows["fee_difference"] = (_added(net, _times(rows["management_fees_net"][0], -1)), NOTHING)
    rows |= _waterfall(found, one, terms, end)
    accrued = _by_terms(found, one, "carry_accrued_amount", end, on)
    level = _known(found, one, "carry_accrued_amount", on)
    paid = _known(found, one, "carry_distributed_amount", on)
    owed = _known(found, one, "clawback_amount", on)
    rows["accrued_change"] = (NOTHING, accrued)
    rows["accrued_end"] = (NOTHING, (level, level, level))
    before = tuple(
        _known(found, one, "carry_accrued_amount", span.since) if span.since else Fraction(0)
        for span in spans_of(end)
    )
    rows["accrued_start"] = (NOTHING, (before[0], before[1], before[2]))
    rows["carry_distributed"] = (NOTHING, (paid, paid, paid))
    due = _plus(paid, level)
    rows["carry_due"] = (NOTHING, (due, due, due))
    rows["clawback"] = (NOTHING, _times((owed, owed, owed), -1))
    return rows


def _asked(one: Fund, metric: str, on: date) -> Question:
    return Question(metric, "vehicle", one.vehicle.vehicle_id, on, one.vehicle.vehicle_id)


def _told(found: Computed, one: Fund, metric: str, on: date) -> Answer:
    return found.answers[_asked(one, metric, on)]


def _known(found: Computed, one: Fund, metric: str, on: date) -> Number:
    """As accrued at a date; 0 where the vehicle has no such date yet."""
    answer = found.answers.get(_asked(one, metric, on))
    if answer is None:
        return Fraction(0)
    return answer.value if isinstance(answer.value, Fraction | float) else None


def _by_terms(found: Computed, one: Fund, metric: str, end: date, on: date) -> Spans:
    """What accrued in each span."""
    now = _known(found, one, metric, on)
    parts = [
        _plus(now, _times((_known(found, one, metric, span.since),) * 3, -1)[0]) if span.since else now
        for span in spans_of(end)
    ]
    return parts[0], parts[1], parts[2]


def _in_accounts(one: Fund, end: date, line: str, allocated: Table) -> Spans:
    """The whole fund's row of section A.1."""
    first = one.holders[0].investor_id
    row = allocated.rows[one.vehicle.vehicle_id, first, end, line]
    parts = [row[f"total_{span}_amount"] for span in SPANS]
    told = [part if isinstance(part, Fraction) else None for part in parts]
    return told[0], told[1], told[2]


def _waterfall(found: Computed, one: Fund, terms: Terms, end: date) -> dict[str, tuple[Spans, Spans]]:
    """Contributions and tiers up to the first flow whose amount is unknown."""
    dated = [
        (flow, signed(flow, found.ledger.amount(one.vehicle, flow)))
        for flow in found.ledger.flows_of(one.vehicle)
        if flow.is_investor_cash
    ]
    unknown = min((flow.on for flow, amount in dated if amount is None), default=date.max)
    flows = [(flow, amount) for flow, amount in dated if flow.on < unknown and amount is not None]
    called = [(flow.on, amount) for flow, amount in flows if flow.kind == "contribution"]
    rows: dict[str, tuple[Spans, Spans]] = {"contributed": (_of_spans(called, end), NOTHING)}
    tiers = []
    if terms.carry_rate_stated and terms.waterfall == "european":
        tiers = tiers_of([(flow.on, amount) for flow, amount in flows], terms)
    for tier in TIERS:
        whole = [(day, amount) for day, name, amount, _ in tiers if name == tier]
        to_gp = [(day, amount) for day, name, _, amount in tiers if name == tier]
        rows[f"tier_{tier}"] = (_of_spans(whole, end), _of_spans(to_gp, end))
    sides = [_added(*(rows[f"tier_{tier}"][side] for tier in TIERS)) for side in (0, 1)]
    return {**rows, "distributed": (sides[0], sides[1])}


def _of_spans(dated: Sequence[tuple[date, Number]], end: date) -> Spans:
    parts = [
        sum(
            (
                float(amount or 0)
                for day, amount in dated
                if day <= end and (not span.since or day > span.since)
            ),
            0.0,
        )
        for span in spans_of(end)
    ]
    return parts[0], parts[1], parts[2]


def _plus(one: Number, other: Number) -> Number:
    return None if one is None or other is None else one + other


def _times(spans: Spans, factor: int) -> Spans:
    parts = [None if part is None else part * factor for part in spans]
    return parts[0], parts[1], parts[2]


def _added(*many: Spans) -> Spans:
    found = many[0]
    for other in many[1:]:
        found = (_plus(found[0], other[0]), _plus(found[1], other[1]), _plus(found[2], other[2]))
    return found
