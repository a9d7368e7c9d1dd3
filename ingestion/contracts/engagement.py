"""Contracts of the way to a commitment: the pipeline, the deal room and what was said."""

from ingestion.contracts.columns import (
    ZERO,
    amount,
    currency,
    day,
    flag,
    identifier,
    instant,
    integer,
    number,
    text,
)
from ingestion.contracts.model import Column, Reference, Stream
from ingestion.contracts.portfolio import INVESTOR, VEHICLE

STAGES = ("contacted", "meeting", "dd", "term_sheet", "committed", "passed")
# JSON allows these digits and blanks only, and no leading zero.
_SECONDS = r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,20})?"
PAGE_SECONDS = rf"\[[ \t\r\n]*({_SECONDS}([ \t\r\n]*,[ \t\r\n]*{_SECONDS})*)?[ \t\r\n]*\]"
DOCUMENT_TYPES = ("pitch_deck", "financials", "cap_table", "legal", "other")

STAGE_EVENTS = Stream(
    "stage_events",
    "One row per move of an investor in a round's pipeline.",
    ("event_id",),
    (
        identifier("event_id", "Key of the move within the tenant."),
        identifier("vehicle_id", "Round that the pipeline belongs to."),
        identifier("investor_id", "Investor who moved."),
        text(
            "from_stage", "Stage that was left; blank: entered the pipeline.", nullable=True, allowed=STAGES
        ),
        text("to_stage", "Stage that was entered.", allowed=STAGES),
        amount("amount", "Amount spoken of at that moment.", nullable=True),
        currency("Currency of the amount.", nullable=True),
        instant("occurred_at", "When the move happened."),
        text("actor", "Who recorded it.", nullable=True),
        text("reason", "Why, in their words.", nullable=True),
    ),
    (VEHICLE, INVESTOR),
)

DEAL_ROOMS = Stream(
    "deal_rooms",
    "One row per deal room.",
    ("room_id",),
    (
        identifier("room_id", "Key of the room within the tenant."),
        identifier("vehicle_id", "Vehicle that the room is about."),
        text("name", "Name of the room."),
        day("opened_on", "When it was opened.", nullable=True),
    ),
    (VEHICLE,),
)

DOCUMENTS = Stream(
    "documents",
    "One row per document in a deal room.",
    ("document_id",),
    (
        identifier("document_id", "Key of the document within the tenant."),
        identifier("room_id", "Room that holds it."),
        text("name", "Name of the document."),
        text("type", "What sort of document it is.", allowed=DOCUMENT_TYPES),
        integer("pages", "How many pages it has.", "pages", nullable=True, low=1, high=100_000),
        instant("uploaded_at", "When it was put there."),
    ),
    (Reference("room_id", "deal_rooms", "room_id"),),
)

VIEWS = Stream(
    "views",
    "One row per view of a document.",
    ("view_id",),
    (
        identifier("view_id", "Key of the view within the tenant."),
        identifier("document_id", "Document that was viewed."),
        identifier("investor_id", "Investor who viewed it, if known.", nullable=True),
        text("viewer_email", "Address the viewer gave.", nullable=True),
        instant("started_at", "When the view began."),
        number("duration_seconds", "How long it lasted.", "seconds", minimum=ZERO),
        Column(
            "page_seconds",
            "jsonb",
            "Seconds on each page, first page first, as a JSON list.",
            nullable=True,
            pattern=PAGE_SECONDS,
            pattern_hint="a JSON list of seconds, such as [12, 3.5]",
            unit="seconds a page",
        ),
        flag("downloaded", "Whether the viewer took a copy."),
        text("user_agent", "Program that the viewer used.", nullable=True),
    ),
    (Reference("document_id", "documents", "document_id"), INVESTOR),
)

COMMUNICATIONS = Stream(
    "communications",
    "One row per contact between the tenant and an investor.",
    ("communication_id",),
    (
        identifier("communication_id", "Key of the contact within the tenant."),
        identifier("vehicle_id", "Vehicle it was about."),
        identifier("investor_id", "Investor it was with."),
        text("channel", "How it took place.", allowed=("email", "meeting", "call", "note")),
        text("direction", "Who began it, in the source's words.", nullable=True),
        instant("occurred_at", "When it took place."),
        text("subject", "What it was about.", nullable=True),
    ),
    (VEHICLE, INVESTOR),
)
