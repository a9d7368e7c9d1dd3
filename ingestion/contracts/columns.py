"""Kinds of columns that several streams share, so that the same quantity has one definition everywhere."""

from collections.abc import Mapping
from decimal import Decimal

from ingestion.contracts.model import Column

ZERO = Decimal(0)


def text(
    name: str,
    description: str,
    *,
    nullable: bool = False,
    allowed: tuple[str, ...] = (),
    allowed_when: tuple[str, Mapping[str, tuple[str, ...]]] | None = None,
    is_addition: bool = False,
) -> Column:
    """Free text, or an enumeration where `allowed` is given."""
    return Column(name, "text", description, nullable, allowed, allowed_when, is_addition=is_addition)


def identifier(name: str, description: str, *, nullable: bool = False) -> Column:
    """A natural key as the source writes it; unique within a tenant only."""
    return Column(name, "text", description, nullable, max_length=255, is_identifier=True)


def currency(
    description: str,
    name: str = "currency_code",
    *,
    nullable: bool = False,
    is_addition: bool = False,
    needs_rates: bool = False,
) -> Column:
    """An ISO 4217 code in capitals."""
    return Column(
        name,
        "text",
        description,
        nullable,
        pattern="[A-Z]{3}",
        pattern_hint="three capital letters (ISO 4217), such as EUR",
        is_addition=is_addition,
        needs_rates=needs_rates,
    )


def amount(
    name: str,
    description: str,
    *,
    nullable: bool = False,
    minimum: Decimal | None = ZERO,
    above: Decimal | None = None,
) -> Column:
    """Money in the currency beside it, positive unless the column says otherwise."""
    return Column(
        name, "numeric", description, nullable, minimum=minimum, above=above, unit="currency units of the row"
    )


def number(
    name: str,
    description: str,
    unit: str,
    *,
    nullable: bool = False,
    minimum: Decimal | None = None,
    above: Decimal | None = None,
    maximum: Decimal | None = None,
) -> Column:
    """An exact decimal that is not money."""
    return Column(
        name, "numeric", description, nullable, minimum=minimum, maximum=maximum, above=above, unit=unit
    )


def integer(name: str, description: str, unit: str, *, nullable: bool = False, low: int, high: int) -> Column:
    """A whole number between two bounds, both allowed."""
    return Column(
        name, "integer", description, nullable, minimum=Decimal(low), maximum=Decimal(high), unit=unit
    )


def day(name: str, description: str, *, nullable: bool = False, is_addition: bool = False) -> Column:
    """A calendar date, ISO 8601."""
    return Column(name, "date", description, nullable, unit="calendar date", is_addition=is_addition)


def instant(name: str, description: str, *, nullable: bool = False) -> Column:
    """A moment with its offset; stored in UTC."""
    return Column(name, "timestamptz", description, nullable, unit="instant, UTC")


def flag(name: str, description: str, *, nullable: bool = True) -> Column:
    """true or false."""
    return Column(name, "boolean", description, nullable)
