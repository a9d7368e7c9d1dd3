"""What a contract is made of: columns, references and streams. No stream is defined here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

ColumnType = Literal["text", "numeric", "integer", "date", "timestamptz", "boolean", "jsonb"]


@dataclass(frozen=True)
class Column:
    """One column of a stream.

    Args:
        nullable: whether a blank is allowed. A nullable column that is part of the key is stored as `''`.
        allowed: the only values, where the column is an enumeration.
        allowed_when: narrower enumerations that hold where another column has a value:
            `("kind", {"contribution": (...)})`.
        minimum, maximum: inclusive bounds of numbers; `above` is an exclusive lower bound.
        pattern: a regular expression that the whole text must match; `pattern_hint` says it in words.
        unit: what the number counts, for people.
        max_length: the most characters a text may have.
        is_identifier: whether it is compared with ids elsewhere, so that blanks around it are a fault.
        needs_rates: whether it is a currency that amounts are told in, so that the platform must have a rate.
        is_addition: whether it joined the stream after rows of it were loaded somewhere. A blank one leaves
            no mark in a row's digest, so that those rows are still known as unchanged.
    """

    name: str
    type: ColumnType
    description: str
    nullable: bool = False
    allowed: tuple[str, ...] = ()
    allowed_when: tuple[str, Mapping[str, tuple[str, ...]]] | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    above: Decimal | None = None
    pattern: str | None = None
    pattern_hint: str | None = None
    unit: str | None = None
    max_length: int = 32_000
    is_identifier: bool = False
    is_addition: bool = False
    needs_rates: bool = False


@dataclass(frozen=True)
class Reference:
    """`column` must hold a key of `stream` that this tenant has; blank is allowed where it is nullable."""

    column: str
    stream: str
    target: str


@dataclass(frozen=True)
class Stream:
    """One canonical stream. `platform` streams belong to the tenant `platform` and are shared by all."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = field(default=())
    platform: bool = False

    @property
    def table(self) -> str:
        """The name of the raw table, without its schema."""
        return f"capstan__{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """All columns in the order of the contract."""
        return tuple(column.name for column in self.columns)

    @property
    def required_names(self) -> tuple[str, ...]:
        """The columns that a file must have; the others may be missing from it altogether."""
        return tuple(column.name for column in self.columns if not column.nullable)

    def column(self, name: str) -> Column:
        """The column of that name; `KeyError` when the contract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
