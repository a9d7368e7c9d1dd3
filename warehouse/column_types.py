"""Which polars type a Postgres column becomes when a reader's result is made a frame. No queries are here."""

import polars

_BY_OID: dict[int, polars.DataType | type[polars.DataType]] = {
    16: polars.Boolean,
    17: polars.Binary,
    20: polars.Int64,
    21: polars.Int16,
    23: polars.Int32,
    25: polars.String,
    18: polars.String,
    19: polars.String,
    1042: polars.String,
    1043: polars.String,
    700: polars.Float32,
    701: polars.Float64,
    1082: polars.Date,
    1083: polars.Time,
    1114: polars.Datetime("us"),
    1184: polars.Datetime("us", "UTC"),
    1186: polars.Duration("us"),
    1000: polars.List(polars.Boolean),
    1007: polars.List(polars.Int32),
    1009: polars.List(polars.String),
    1016: polars.List(polars.Int64),
    1022: polars.List(polars.Float64),
}
NUMERIC_OID = 1700
DEFAULT_SCALE = 10


def polars_type(oid: int, scale: int | None = None) -> polars.DataType | type[polars.DataType] | None:
    """The polars type of a column; None lets polars infer it (json, uuid, anything rare).

    An unconstrained numeric becomes Decimal(38, 10): beyond the tenth decimal it is rounded half to even.
    """
    if oid == NUMERIC_OID:
        return polars.Decimal(38, DEFAULT_SCALE if scale is None else scale)
    return _BY_OID.get(oid)
