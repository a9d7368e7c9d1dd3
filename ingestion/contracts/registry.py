"""All streams by name, and the order of loading. Definitions are in the modules beside it."""

from ingestion.contracts import engagement, market, portfolio, terms
from ingestion.contracts.model import Stream
from ingestion.errors import UnknownStreamError

STREAMS: tuple[Stream, ...] = (
    portfolio.VEHICLES,
    portfolio.INVESTORS,
    portfolio.HOLDINGS,
    terms.VEHICLE_TERMS,
    portfolio.COMMITMENTS,
    portfolio.TRANSACTIONS,
    portfolio.ALLOCATIONS,
    portfolio.VALUATIONS,
    engagement.STAGE_EVENTS,
    engagement.DEAL_ROOMS,
    engagement.DOCUMENTS,
    engagement.VIEWS,
    engagement.COMMUNICATIONS,
    portfolio.PAYMENTS,
    market.FX_RATES,
    market.INDEX_LEVELS,
)  # a stream stands after every stream that it refers to
STREAM_NAMES: tuple[str, ...] = tuple(stream.name for stream in STREAMS)


def stream_named(name: str) -> Stream:
    """The contract of that name; raises `UnknownStreamError` with the names there are."""
    for stream in STREAMS:
        if stream.name == name:
            return stream
    raise UnknownStreamError(name, STREAM_NAMES)


def load_rank(name: str) -> int:
    """Position in the order of loading: a stream comes after those that it refers to."""
    return STREAM_NAMES.index(stream_named(name).name)
