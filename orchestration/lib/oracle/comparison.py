"""The marts beside the second computation: what agrees, what differs, what only one of them has."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from psycopg import sql

from orchestration.lib.oracle.answers import answers
from orchestration.lib.oracle.lake_book import read_book
from orchestration.lib.oracle.pools import currencies_of
from orchestration.lib.oracle.questions import Answer, Answers, Question
from warehouse import isolation, roles
from warehouse.database import Database
from warehouse.tenants import get_tenant

CENT = 0.005
PAID_IN_CENTS = frozenset(
    ("carry_distributed_amount", "carry_accrued_amount", "clawback_amount", "nav_after_carry_amount")
)
"""Sums of tiers that are paid in whole cents: computed without rounding they may be a cent away."""
RELATIVE = 1e-9


@dataclass(frozen=True)
class Disagreement:
    """One number that the two computations see differently; a side that lacks it has None."""

    question: Question
    mart: Answer | None
    oracle: Answer | None

    def as_json(self) -> dict[str, Any]:
        """For checks and `--json`."""
        asked = self.question
        return {
            "metric": asked.metric,
            "entity_type": asked.entity_type,
            "entity_id": asked.entity_id,
            "vehicle_id": asked.vehicle_id,
            "as_of": asked.as_of.isoformat(),
            "mart": _told(self.mart),
            "oracle": _told(self.oracle),
        }


@dataclass(frozen=True)
class Verdict:
    """How many numbers of each metric were compared, and those that differ."""

    compared: Mapping[str, int]
    disagreements: tuple[Disagreement, ...]

    @property
    def agrees(self) -> bool:
        """Whether every number has the same value and status on both sides."""
        return not self.disagreements


def verdict(database: Database, tenant_slug: str) -> Verdict:
    """Compute every number of a tenant again and compare. Raises TenantNotFound, LakeFileMissing."""
    published = _published(database, tenant_slug)
    told_in = currencies_of({question.entity_id for question in published if question.entity_type == "pool"})
    return compare(published, answers(read_book(database, tenant_slug), told_in))


def compare(published: Answers, computed: Answers) -> Verdict:
    """Money to half a cent, everything else to 1e-9 of its size; statuses must be the same word."""
    questions = published.keys() | computed.keys()
    differing = [
        Disagreement(question, published.get(question), computed.get(question))
        for question in questions
        if not _same(question.metric, published.get(question), computed.get(question))
    ]
    ordered = sorted(differing, key=lambda item: (item.question.metric, str(item.question)))
    return Verdict(Counter(question.metric for question in questions), tuple(ordered))


def _same(metric: str, mart: Answer | None, oracle: Answer | None) -> bool:
    if mart is None or oracle is None:
        return False
    if mart.status != oracle.status or mart.unit != oracle.unit:
        return False
    if mart.value is None or oracle.value is None:
        return mart.value is oracle.value
    ours, theirs = float(mart.value), float(oracle.value)
    room = RELATIVE * max(abs(ours), abs(theirs), 1e-300)
    if mart.unit != "money":
        return abs(ours - theirs) <= max(room, RELATIVE)
    return abs(ours - theirs) <= max(2.2 * CENT if metric in PAID_IN_CENTS else CENT, room)


def _published(database: Database, tenant_slug: str) -> Answers:
    tenant = get_tenant(database, tenant_slug)
    schemas = {served.tenant_id: served.schema_name for served in isolation.own_schemas(database)}
    mart = sql.Identifier(schemas.get(tenant.tenant_id, "marts"), "metric_values")
    with database.connect(roles.DBT_BUILDER) as connection:
        rows = connection.execute(
            sql.SQL(
                "select metric, entity_type, entity_id, as_of, vehicle_id, value, unit, status "
                "from {mart} where tenant_id = %s"
            ).format(mart=mart),
            (tenant.tenant_id,),
        ).fetchall()
    return {
        Question(metric, entity_type, entity_id, as_of, vehicle_id): Answer(value, unit, status)
        for metric, entity_type, entity_id, as_of, vehicle_id, value, unit, status in rows
    }


def _told(answer: Answer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    value = float(answer.value) if isinstance(answer.value, Fraction) else answer.value
    return {"value": value, "status": answer.status}
