"""One number explained, through `warehouse.explanations` and with the words of the metric register."""

from dataclasses import asdict
from datetime import date
from typing import Any

from reporting.presentation import metric_register
from warehouse.explanations import Explanation, MetricText, explain
from warehouse.sessions import Reader


def explanation(
    reader: Reader,
    tenant_id: int,
    metric: str,
    vehicle_id: str | None,
    investor_id: str | None,
    as_of: date | None,
    currency_code: str | None = None,
    pool_id: str | None = None,
) -> Explanation:
    """The number, its inputs and the number computed again. Raises NotExplainable."""
    words = metric_register.metric(metric)
    text = MetricText(words.name, words.title, words.question, words.formula, words.unit, words.served_by)
    return explain(
        reader,
        text,
        vehicle_id,
        investor_id=investor_id,
        pool_id=pool_id,
        currency_code=currency_code,
        as_of=as_of,
    )


def inputs(
    reader: Reader,
    tenant_id: int,
    metric: str,
    vehicle_id: str | None,
    investor_id: str | None,
    as_of: date | None,
    currency_code: str | None = None,
    pool_id: str | None = None,
) -> list[dict[str, Any]]:
    """All inputs of the number as rows, for the download."""
    found = explanation(reader, tenant_id, metric, vehicle_id, investor_id, as_of, currency_code, pool_id)
    return [asdict(row) for row in found.inputs]
