"""Great Expectations over the rows of a batch, from the same contract that the row checks come from.

The row checks decide what is loaded; this is a second, independent opinion on what they let through, in a
form that data docs and asset checks can show. The library is imported when it is first needed: that takes
seconds.
"""

import importlib
import sys
import threading
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from ingestion.checking.column_checks import EARLIEST, LATEST, as_date, as_instant
from ingestion.contracts.model import Stream
from ingestion.contracts.registry import stream_named

DAY_IN_MICROSECONDS = 86_400_000_000


@dataclass(frozen=True)
class ExpectationResult:
    """One expectation and how the batch met it; `column` is blank for the table as a whole."""

    expectation: str
    column: str
    success: bool
    unexpected: int

    def as_json(self) -> dict[str, Any]:
        """The form in which `raw.batch.validation` holds it."""
        return {
            "expectation": self.expectation,
            "column": self.column,
            "success": self.success,
            "unexpected": self.unexpected,
        }


def warm_up() -> None:
    """Begin to import the library on another thread: 2 to 5 s that a load can spend reading and checking."""
    if "great_expectations" not in sys.modules:
        threading.Thread(target=importlib.import_module, args=("great_expectations",)).start()


def validate(stream: Stream, frame: pl.DataFrame) -> list[ExpectationResult]:
    """Every expectation of the stream on rows of text in the columns of its contract.

    An empty frame meets all of them without running any.
    """
    definitions = _definitions(stream)
    if frame.is_empty():
        return [ExpectationResult(name, _subject(kwargs), True, 0) for name, kwargs in definitions]
    batch, suite = _suite(stream.name)
    outcome = batch.get_batch(batch_parameters={"dataframe": _typed(stream, frame).to_pandas()}).validate(
        suite, result_format="BASIC"
    )
    results = []
    for result in outcome.results:
        config = result.expectation_config
        kwargs = {k: v for k, v in config.kwargs.items() if k != "batch_id"}
        unexpected = int((result.result or {}).get("unexpected_count") or 0)
        results.append(ExpectationResult(config.type, _subject(kwargs), bool(result.success), unexpected))
    return results


def expectation_names(stream: Stream) -> list[tuple[str, str]]:
    """Expectation and column of each result of `validate`, in its order, without running any."""
    return [(name, _subject(kwargs)) for name, kwargs in _definitions(stream)]


def _subject(kwargs: dict[str, Any]) -> str:
    return str(kwargs.get("column") or ",".join(kwargs.get("column_list", ())))


def _definitions(stream: Stream) -> list[tuple[str, dict[str, Any]]]:
    """The suite as data: the expectation's name and its arguments."""
    definitions: list[tuple[str, dict[str, Any]]] = [
        ("expect_table_columns_to_match_set", {"column_set": list(stream.column_names), "exact_match": True})
    ]
    for column in stream.columns:
        on = {"column": column.name}
        if not column.nullable:
            definitions.append(("expect_column_values_to_not_be_null", on))
        if column.allowed:
            definitions.append(
                ("expect_column_values_to_be_in_set", {**on, "value_set": list(column.allowed)})
            )
        low = column.minimum if column.minimum is not None else column.above
        if low is not None:
            bounds: dict[str, Any] = {**on, "min_value": float(low), "strict_min": column.above is not None}
            if column.maximum is not None:
                bounds["max_value"] = float(column.maximum)
            definitions.append(("expect_column_values_to_be_between", bounds))
        if column.type in ("date", "timestamptz"):
            dates = {**on, "min_value": _days(EARLIEST), "max_value": _days(LATEST) + 0.999999}
            definitions.append(("expect_column_values_to_be_between", dates))
        if column.pattern and column.type == "text":
            definitions.append(
                ("expect_column_values_to_match_regex", {**on, "regex": f"^(?:{column.pattern})$"})
            )
    if len(stream.key) == 1:
        definitions.append(("expect_column_values_to_be_unique", {"column": stream.key[0]}))
    else:
        definitions.append(("expect_compound_columns_to_be_unique", {"column_list": list(stream.key)}))
    return definitions


def _typed(stream: Stream, frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers as such, times as days since 1970; blanks of a nullable key column stay text.

    Days, because the library compares datetimes one by one: 4 s a column of a million rows instead of 0.1 s.
    """
    expressions = []
    for column in stream.columns:
        value = pl.col(column.name)
        if column.name in stream.key and column.nullable:
            value = value.fill_null("")
        elif column.type in ("numeric", "integer"):
            value = value.cast(pl.Float64, strict=False)
        elif column.type == "date":
            value = as_date(value).cast(pl.Int32).cast(pl.Float64)
        elif column.type == "timestamptz":
            value = as_instant(value).dt.epoch("us") / DAY_IN_MICROSECONDS
        expressions.append(value.alias(column.name))
    return frame.select(expressions)


def _days(day: date) -> float:
    return float((day - date(1970, 1, 1)).days)


@cache
def _suite(stream_name: str) -> tuple[Any, Any]:
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.data_context.types.base import ProgressBarsConfig

    stream = stream_named(stream_name)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas(stream.name).add_dataframe_asset(stream.name)
    suite = context.suites.add(gx.ExpectationSuite(name=stream.name))
    for name, kwargs in _definitions(stream):
        suite.add_expectation(getattr(gxe, "".join(part.title() for part in name.split("_")))(**kwargs))
    return asset.add_batch_definition_whole_dataframe(stream.name), suite
