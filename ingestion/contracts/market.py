"""Contracts of what is the same for all tenants and belongs to `platform`: exchange rates, index levels."""

from ingestion.contracts.columns import ZERO, currency, day, identifier, number, text
from ingestion.contracts.model import Stream

FX_RATES = Stream(
    "fx_rates",
    "One row per pair of currencies and day.",
    ("base_currency_code", "quote_currency_code", "on_date"),
    (
        currency("Currency that one unit is taken of.", "base_currency_code"),
        currency("Currency that the rate is stated in.", "quote_currency_code"),
        day("on_date", "Day of the fixing."),
        number("rate", "Units of the quote currency for one unit of the base.", "quote per base", above=ZERO),
        text("source", "Who publishes the rate."),
    ),
    platform=True,
)

INDEX_LEVELS = Stream(
    "index_levels",
    "One row per index and day.",
    ("index_code", "on_date"),
    (
        identifier("index_code", "Code of the index."),
        day("on_date", "Day of the level."),
        number("level", "Level with dividends reinvested (total return).", "index points", above=ZERO),
    ),
    platform=True,
)
