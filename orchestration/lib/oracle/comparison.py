"""The marts beside the second computation: what agrees, what differs, what only one of them has."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from psycopg import sql

from orchestration.lib.oracle.answers import computed
from orchestration.lib.oracle.lake_book import read_book
from orchestration.lib.oracle.questions import Answer, Answers, Cell, Question, Table, Value, table
from orchestration.lib.oracle.tables import tables
from warehouse import isolation, roles
from warehouse.database import Database
from warehouse.tenants import get_tenant

CENT = 0.005
PAID_IN_CENTS = frozenset(
    ("carry_distributed_amount", "carry_accrued_amount", "clawback_amount", "nav_after_carry_amount")
)
"""Sums of tiers that are paid in whole cents: computed without rounding they may be a cent away."""
CENTS_OF_TIERS = 0.05
"""The same tier by tier, over all distributions."""
RELATIVE = 1e-9
NUMBERS = (int, float, Fraction, Decimal)
DATES = ("as_of", "quarter", "period_end", "counted_on", "effective_on", "year_ends_on")
Asked = Question | Cell


@dataclass(frozen=True)
class Disagreement:
    """One number that the two computations see differently; a side that lacks it has None."""

    question: Asked
    mart: Answer | None
    oracle: Answer | None

    def as_json(self) -> dict[str, Any]:
        """For checks and `--json`; a cell of a mart is of the row that its key names."""
        asked = self.question
        if isinstance(asked, Question):
            about: dict[str, Any] = {
                "entity_type": asked.entity_type,
                "entity_id": asked.entity_id,
                "vehicle_id": asked.vehicle_id,
                "as_of": asked.as_of.isoformat(),
            }
        else:
            named = {name: None if value is None else str(value) for name, value in asked.key}
            dated = next((named[name] for name in DATES if name in named), None)
            rest = [f"{name}={value}" for name, value in named.items() if name not in ("vehicle_id", *DATES)]
            about = {
                "entity_type": "row",
                "entity_id": ", ".join(rest),
                "vehicle_id": named.get("vehicle_id"),
                "as_of": dated,
            }
        return {"metric": asked.metric, **about, "mart": _told(self.mart), "oracle": _told(self.oracle)}


@dataclass(frozen=True)
class Numbers:
    """All of a tenant, in the long form and by mart."""

    answers: Answers
    tables: tuple[Table, ...]


@dataclass(frozen=True)
class Verdict:
    """How many numbers of each metric and of each column were compared, and those that differ.

    `known` counts those that are known: a column of blanks alone proves nothing.
    """

    compared: Mapping[str, int]
    known: Mapping[str, int]
    disagreements: tuple[Disagreement, ...]

    @property
    def agrees(self) -> bool:
        """Whether every number has the same value and status on both sides."""
        return not self.disagreements


def verdict(database: Database, tenant_slug: str) -> Verdict:
    """Compute every number of a tenant again and compare. Raises TenantNotFound, LakeFileMissing."""
    again = computed_again(database, tenant_slug)
    return compare(published(database, tenant_slug, again.tables), again)


def computed_again(database: Database, tenant_slug: str) -> Numbers:
    """Every number of a tenant from the files of the lake. Raises TenantNotFound, LakeFileMissing."""
    found = computed(read_book(database, tenant_slug))
    return Numbers(found.answers, tuple(tables(found)))


def published(database: Database, tenant_slug: str, like: Iterable[Table]) -> Numbers:
    """The same as the marts have it; `like` says which marts and columns. Raises TenantNotFound."""
    tenant = get_tenant(database, tenant_slug)
    schemas = {served.tenant_id: served.schema_name for served in isolation.own_schemas(database)}
    schema = schemas.get(tenant.tenant_id, "marts")
    with database.connect(roles.DBT_BUILDER) as connection:

        def rows(mart: str, columns: Iterable[str]) -> list[tuple[Any, ...]]:
            query = sql.SQL("select {} from {} where tenant_id = %s").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(schema, mart)
            )
            return connection.execute(query, (tenant.tenant_id,)).fetchall()

        asked = ("metric", "entity_type", "entity_id", "as_of", "vehicle_id")
        answers = {
            Question(*question): Answer(value, unit, status)
            for *question, value, unit, status in rows("metric_values", (*asked, "value", "unit", "status"))
        }
        found = []
        for one in like:
            names = (*one.key, *one.columns)
            held = [dict(zip(names, row, strict=True)) for row in rows(one.mart, names)]
            found.append(table(one.mart, one.key, one.columns, held, is_paid_in_cents=one.is_paid_in_cents))
    return Numbers(answers, tuple(found))


def compare(marts: Numbers, again: Numbers) -> Verdict:
    """Money to half a cent, everything else to 1e-9 of its size; statuses must be the same word."""
    counted: Counter[str] = Counter()
    known: Counter[str] = Counter()
    differing: list[Disagreement] = []
    for question in marts.answers.keys() | again.answers.keys():
        one, other = marts.answers.get(question), again.answers.get(question)
        counted[question.metric] += 1
        known[question.metric] += other is not None and other.value is not None
        if not _same_answer(question.metric, one, other):
            differing.append(Disagreement(question, one, other))
    for ours, theirs in zip(marts.tables, again.tables, strict=True):
        for column in theirs.columns:
            name = f"{theirs.mart}.{column}"
            counted[name] = len(ours.rows.keys() | theirs.rows.keys())
            known[name] = sum(row[column] is not None for row in theirs.rows.values())
        differing += _differing_cells(ours, theirs)
    ordered = sorted(differing, key=lambda item: (item.question.metric, str(item.question)))
    return Verdict(counted, known, tuple(ordered))


def _differing_cells(ours: Table, theirs: Table) -> Iterator[Disagreement]:
    """A row that one side lacks differs in every column."""
    for place in ours.rows.keys() | theirs.rows.keys():
        row, again = ours.rows.get(place), theirs.rows.get(place)
        for column in theirs.columns:
            room = _room(column, theirs.is_paid_in_cents) if column.endswith("amount") else None
            if row and again and _same_value(room, row[column], again[column]):
                continue
            key = tuple(zip(theirs.key, place, strict=True))
            yield Disagreement(
                Cell(theirs.mart, key, column),
                Answer(row[column], "", None) if row else None,
                Answer(again[column], "", None) if again else None,
            )


def _room(name: str, is_paid_in_cents: bool = False) -> float:
    """How far two sums of money may lie apart."""
    if is_paid_in_cents:
        return CENTS_OF_TIERS
    return 2.2 * CENT if name in PAID_IN_CENTS else CENT


def _same_answer(metric: str, mart: Answer | None, oracle: Answer | None) -> bool:
    if mart is None or oracle is None or (mart.status, mart.unit) != (oracle.status, oracle.unit):
        return False
    return _same_value(_room(metric) if mart.unit == "money" else None, mart.value, oracle.value)


def _same_value(room: float | None, mart: Value, oracle: Value) -> bool:
    """`room`: of money; other numbers agree to 1e-9 of their size, words to the letter."""
    if isinstance(mart, NUMBERS) and isinstance(oracle, NUMBERS):
        ours, theirs = float(mart), float(oracle)
        size = max(abs(ours), abs(theirs))
        return abs(ours - theirs) <= max(RELATIVE * size, RELATIVE if room is None else room)
    if isinstance(mart, list | tuple) and isinstance(oracle, list | tuple):
        pairs = zip(mart, oracle, strict=False)
        return len(mart) == len(oracle) and all(_same_value(room, *pair) for pair in pairs)
    return mart == oracle


def _told(answer: Answer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    return {"value": _plain(answer.value), "status": answer.status}


def _plain(value: Value) -> Any:
    if isinstance(value, Fraction | Decimal):
        return float(value)
    return str(value) if isinstance(value, date) else value
