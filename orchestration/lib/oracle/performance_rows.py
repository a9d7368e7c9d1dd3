# ruff: noqa: E501 - tables read as lines
"""The performance marts row by row: the answers under the columns that hold them. Nothing is computed here."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from orchestration.lib.oracle.answers import Computed
from orchestration.lib.oracle.portfolios import portfolio, told_currencies
from orchestration.lib.oracle.questions import Answer, Question, Row, Table, Value, table

_MULTIPLES = ("dpi", "rvpi", "tvpi", "pic")
_WITHOUT = ("irr_without_facility", "tvpi_without_facility")
_MONEY = ("commitment_amount", "contributed_amount", "distributed_amount", "nav_amount", "unfunded_amount")
_RETURN = ("irr", "period_return", "irr_status")
_STANDING = (
    *_MONEY, "recallable_amount", "called_amount", "released_amount", "fees_amount", "nav_status", "nav_age_days",
    *_MULTIPLES, *_RETURN, "irr_roots", "ks_pme", "direct_alpha", "pme_status", *_WITHOUT, "dpi_netted",
    "tvpi_netted", "total_exposure_amount", "unfunded_status", "fx_status",
)  # fmt: skip
_BENCHMARKS = (
    "irr", "ks_pme", "direct_alpha", "ln_pme", "ln_pme_spread", "pme_plus", "pme_plus_spread",
    "pme_plus_scale",
    "mpme", "mpme_spread", "mpme_nav_age_days", "ln_pme_status", "pme_plus_status", "mpme_status",
)  # fmt: skip
_PORTFOLIO = (*_MONEY, *_MULTIPLES, *_RETURN, *_WITHOUT, "vehicles", "unfunded_status", "fx_status")
_QUARTILES = tuple(f"{name}_p{at}" for name in ("irr", "tvpi", "dpi") for at in (25, 50, 75))
STATUS_OF = {
    "irr_status": "irr",
    "nav_status": "nav_amount",
    "unfunded_status": "unfunded_amount",
    "fx_status": "contributed_amount",
    "pme_status": "ks_pme",
    "gross_irr_status": "gross_irr",
    "ln_pme_status": "ln_pme",
    "pme_plus_status": "pme_plus",
    "mpme_status": "mpme",
    "loss_status": "loss_ratio_cost",
    "concentration_status": "hhi",
    "fee_status": "management_fee_amount",
    "carry_status": "carry_accrued_amount",
    "pacing_status": "projected_nav_amount",
    "quartile_status": "irr_p50",
}
"""Column of a status -> the number that rests on it."""


@dataclass(frozen=True)
class _Shape:
    """A mart: what its rows are of, by which column it is known that a row exists, its key and its columns."""

    mart: str
    entity_type: str
    of_vehicle: bool
    known_by: str
    key: tuple[str, ...]
    columns: tuple[str, ...]


_SHAPES = (
    _Shape("fct_investor_performance", "investor", True, "dpi", ("vehicle_id", "investor_id", "as_of"), _STANDING),
    _Shape("fct_investor_benchmarks", "investor", True, "dpi", ("vehicle_id", "investor_id", "as_of"), _BENCHMARKS),
    _Shape(
        "fct_vehicle_performance", "vehicle", True, "dpi", ("vehicle_id", "as_of"),
        (*_STANDING, "investors", "gross_irr", "gross_moic", "gross_irr_status"),
    ),
    _Shape("fct_vehicle_benchmarks", "vehicle", True, "dpi", ("vehicle_id", "as_of"), _BENCHMARKS),
    _Shape(
        "fct_j_curve", "vehicle", True, "dpi", ("vehicle_id", "as_of"),
        ("age_years", "commitment_amount", "net_cash_amount", "trough_amount", "trough_pct", "irr", "irr_status"),
    ),
    _Shape(
        "rpt_concentration", "vehicle", True, "dpi", ("vehicle_id", "as_of"),
        ("holdings", "holdings_held", "invested_amount", "holdings_nav_amount", "nav_amount", "loss_ratio_cost",
         "loss_ratio_loss", "loss_ratio_count", "invested_share", "top_1_share",
         "top_5_share", "top_10_share", "hhi",
         "effective_holdings", "loss_status", "concentration_status"),
    ),
    _Shape(
        "rpt_fee_accruals", "vehicle", True, "management_fee_amount", ("vehicle_id", "as_of"),
        ("management_fee_amount", "management_fee_accrued_amount", "management_fee_charged_amount",
         "carry_distributed_amount", "carry_accrued_amount", "clawback_amount",
         "nav_after_carry_amount", "fee_status",
         "carry_status", "fee_rate", "fee_base_amount"),
    ),
    _Shape(
        "rpt_pacing", "vehicle", True, "projected_nav_amount", ("vehicle_id", "year_ends_on"),
        ("projected_contribution_amount", "projected_distribution_amount", "projected_nav_amount",
         "projected_unfunded_amount", "projected_net_amount", "pacing_status"),
    ),
    _Shape(
        "rpt_round_velocity", "vehicle", True, "opportunities", ("vehicle_id",),
        ("opportunities", "won", "lost", "open", "win_rate", "won_amount", "average_won_amount",
         "median_days_to_close", "velocity_per_day"),
    ),
    _Shape("rpt_investor_portfolio", "investor", False, "vehicles", ("investor_id", "as_of"), _PORTFOLIO),
    _Shape(
        "fct_pooled_performance", "pool", False, "holdings", ("pool_id", "as_of"),
        (*_PORTFOLIO, "members_with_irr", "mean_irr", "median_irr", "mean_tvpi", "median_tvpi", *_QUARTILES,
         "holdings", "invested_amount", "proceeds_amount", "holdings_nav_amount", "gross_irr", "gross_moic",
         "gross_irr_status", "quartile_status"),
    ),
    _Shape(
        "fct_holding_performance", "holding", True, "moic", ("holding_id", "as_of"),
        ("flows", "invested_amount", "proceeds_amount", "nav_amount", "nav_status", "moic", *_RETURN),
    ),
)  # fmt: skip

_Place = tuple[str, str, date, str | None]


def performance_tables(found: Computed) -> Iterator[Table]:
    """Every mart that metric_values is made of, and the portfolios in each currency that they are told in."""
    places: dict[_Place, dict[str, Answer]] = defaultdict(dict)
    for question, answer in (found.answers | found.beside).items():
        place = (question.entity_type, question.entity_id, question.as_of, question.vehicle_id)
        places[place][question.metric] = answer
    for shape in _SHAPES:
        rows = (
            {**_named(shape, place), **_told(shape.columns, known)}
            for place, known in places.items()
            if _is_of(shape, place) and shape.known_by in known
        )
        yield table(shape.mart, shape.key, shape.columns, rows)
    yield _latest_holdings(found)
    yield _in_each_currency(found)


def _is_of(shape: _Shape, place: _Place) -> bool:
    return place[0] == shape.entity_type and (place[3] is not None) == shape.of_vehicle


def _named(shape: _Shape, place: _Place) -> Row:
    _, entity_id, as_of, vehicle_id = place
    own = {"investor": "investor_id", "pool": "pool_id", "holding": "holding_id"}.get(shape.entity_type)
    dated = "year_ends_on" if "year_ends_on" in shape.key else "as_of"
    return {"vehicle_id": vehicle_id, dated: as_of, **({own: entity_id} if own else {})}


def _told(columns: tuple[str, ...], known: Mapping[str, Answer]) -> Row:
    values: dict[str, Value] = {}
    for column in columns:
        number = STATUS_OF.get(column)
        values[column] = known[number].status if number else known[column].value
    return values


def _latest_holdings(found: Computed) -> Table:
    """Each holding as it stands at its vehicle's latest date."""
    columns = ("invested_amount", "proceeds_amount", "nav_amount", "moic", "irr")
    rows: list[Row] = []
    for holding in found.ledger.book.holdings.values():
        latest = found.ledger.latest(found.ledger.book.vehicles[holding.vehicle_id])
        row: dict[str, Value] = {"holding_id": holding.holding_id}
        for name in columns:
            nothing = Answer(
                Fraction(0) if name in ("invested_amount", "proceeds_amount") else None, "", None
            )
            asked = (
                Question(name, "holding", holding.holding_id, latest, holding.vehicle_id) if latest else None
            )
            row[name] = (found.answers[asked] if asked else nothing).value
        rows.append(row)
    return table("rpt_holdings", ("holding_id",), columns, rows)


def _in_each_currency(found: Computed) -> Table:
    """Portfolios in every currency that they are told in."""
    ledger = found.ledger
    rows: list[Row] = []
    for investor_id, held_in in found.positions.items():
        for currency in told_currencies(ledger.book, investor_id):
            places: dict[date, dict[str, Answer]] = defaultdict(dict)
            for question, answer in portfolio(ledger, investor_id, held_in, currency).items():
                places[question.as_of][question.metric] = answer
            rows += [
                {
                    "investor_id": investor_id,
                    "currency_code": currency,
                    "as_of": as_of,
                    **_told(_PORTFOLIO, known),
                }
                for as_of, known in places.items()
            ]
    return table("rpt_portfolio_in_currency", ("investor_id", "currency_code", "as_of"), _PORTFOLIO, rows)
