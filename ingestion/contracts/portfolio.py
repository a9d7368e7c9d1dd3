"""Contracts of who invests in what, and of the money that moves: vehicles to payments."""

from decimal import Decimal

from ingestion.contracts.columns import (
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
from ingestion.contracts.ilpa_lines import ALLOCATION_LINES, CATEGORIES_BY_KIND
from ingestion.contracts.model import Reference, Stream

VEHICLE_KINDS = ("fund", "spv", "priced_round", "safe_round", "note_round")
COMMITMENT_STATUSES = ("soft_circled", "signed", "funded", "cancelled")
TRANSACTION_KINDS = (
    "contribution", "distribution", "investment", "fee", "expense", "proceeds", "interest",
    "payment", "refund", "transfer", "conversion", "tax",
)  # fmt: skip
CONTRIBUTION_PURPOSES = (
    "investments", "management_fees", "partnership_expenses", "organizational_expenses", "other",
)  # fmt: skip
DISTRIBUTION_PURPOSES = ("return_of_capital", "realized_gain", "income", "other")

VEHICLE = Reference("vehicle_id", "vehicles", "vehicle_id")
INVESTOR = Reference("investor_id", "investors", "investor_id")
HOLDING = Reference("holding_id", "holdings", "holding_id")

VEHICLES = Stream(
    "vehicles",
    "One row per vehicle: what investors commit to.",
    ("vehicle_id",),
    (
        identifier("vehicle_id", "Key of the vehicle within the tenant."),
        text("name", "Name of the vehicle as people know it."),
        text("kind", "What sort of vehicle it is.", allowed=VEHICLE_KINDS),
        currency("Currency of the vehicle's books."),
        amount("target_amount", "What the vehicle means to raise.", nullable=True),
        amount("hard_cap_amount", "The most the vehicle may raise.", nullable=True),
        integer(
            "vintage_year",
            "Year of the vehicle's first flow or close.",
            "year",
            nullable=True,
            low=1900,
            high=2100,
        ),
        day("opened_on", "When raising began.", nullable=True),
        day("first_close_on", "First closing.", nullable=True),
        day("final_close_on", "Final closing, held or planned.", nullable=True),
        day("closed_on", "When the vehicle ended.", nullable=True),
        text("status", "Whether the vehicle still lives.", allowed=("active", "closed")),
        text("strategy", "Investment strategy in the tenant's own words.", nullable=True),
        identifier("benchmark_code", "Index that public market equivalents compare with.", nullable=True),
    ),
)

INVESTORS = Stream(
    "investors",
    "One row per investor: who commits to a vehicle.",
    ("investor_id",),
    (
        identifier("investor_id", "Key of the investor within the tenant."),
        text("name", "Name of the investor."),
        text("firm", "Firm that the investor acts for.", nullable=True),
        text("email", "Where to write to the investor.", nullable=True),
        text("kind", "Sort of investor in the tenant's own words.", nullable=True),
        text("country_code", "Country of the investor.", nullable=True),
        currency(
            "Currency that the investor wants its whole portfolio told in; blank: the tenant's.",
            "reporting_currency_code",
            nullable=True,
            is_addition=True,
            needs_rates=True,
        ),
    ),
)

HOLDINGS = Stream(
    "holdings",
    "One row per holding: a company that a vehicle owns part of.",
    ("holding_id",),
    (
        identifier("holding_id", "Key of the holding within the tenant."),
        identifier("vehicle_id", "Vehicle that owns it."),
        text("name", "Name of the company."),
        text("sector", "Sector in the tenant's own words.", nullable=True),
        text("country_code", "Country of the company.", nullable=True),
        day("invested_on", "First investment.", nullable=True),
        text("status", "State of the holding in the tenant's own words.", nullable=True),
    ),
    (VEHICLE,),
)

COMMITMENTS = Stream(
    "commitments",
    "One row per commitment: an investor's promise to a vehicle.",
    ("commitment_id",),
    (
        identifier("commitment_id", "Key of the commitment within the tenant."),
        identifier("vehicle_id", "Vehicle that it is made to."),
        identifier("investor_id", "Investor who makes it."),
        amount("amount", "What is promised."),
        currency("Currency of the promise."),
        text("status", "How far the promise has come.", allowed=COMMITMENT_STATUSES),
        day("signed_on", "When it was signed.", nullable=True),
    ),
    (VEHICLE, INVESTOR),
)

TRANSACTIONS = Stream(
    "transactions",
    "One row per movement of cash.",
    ("transaction_id",),
    (
        identifier("transaction_id", "Key of the transaction within the tenant."),
        identifier("vehicle_id", "Vehicle whose cash moves."),
        identifier(
            "investor_id", "Investor on the other side; blank: the vehicle as a whole.", nullable=True
        ),
        identifier("holding_id", "Holding on the other side, if any.", nullable=True),
        text("kind", "What moves; it gives the direction.", allowed=TRANSACTION_KINDS),
        text(
            "purpose",
            "What a contribution pays for, or what a distribution is made of.",
            nullable=True,
            allowed_when=(
                "kind",
                {"contribution": CONTRIBUTION_PURPOSES, "distribution": DISTRIBUTION_PURPOSES},
            ),
        ),
        amount("amount", "Amount without sign; 0 is a row that never was."),
        currency("Currency of the movement."),
        day("effective_on", "Day that counts for returns."),
        day("due_on", "Day it was due.", nullable=True),
        day("settled_on", "Day the cash arrived.", nullable=True),
        flag("recallable", "Whether a distribution may be called again."),
        flag("outside_commitment", "Whether it leaves the unfunded commitment as it is."),
        text("description", "What the source says about it.", nullable=True),
        text(
            "category",
            "Line of the ILPA templates inside the kind; blank: not split.",
            nullable=True,
            allowed_when=("kind", CATEGORIES_BY_KIND),
            is_addition=True,
        ),
        day(
            "facility_drawn_on",
            "Day on which the subscription line was drawn for what this contribution repays.",
            nullable=True,
            is_addition=True,
        ),
    ),
    (VEHICLE, INVESTOR, HOLDING),
)

ALLOCATIONS = Stream(
    "allocations",
    "One row per amount that a holder of a vehicle is allocated on one line of the ILPA Reporting Template.",
    ("allocation_id",),
    (
        identifier("allocation_id", "Key of the allocation within the tenant."),
        identifier("vehicle_id", "Vehicle whose books allocate it."),
        identifier(
            "investor_id",
            "Holder it is allocated to, the general partner included; blank: the fund as a whole, not split.",
            nullable=True,
        ),
        text("line", "Row of the template.", allowed=ALLOCATION_LINES),
        amount(
            "amount",
            "Amount, signed by its effect on the holder's wealth: costs negative; offsets, waivers, rebates, "
            "income and fees received positive; carry negative for investors, positive for the GP.",
            minimum=None,
        ),
        currency("Currency of the amount."),
        day("effective_on", "Day that counts for the period it is reported in."),
        number(
            "offset_rate",
            "Of a fee received: the share of it that offsets the investors' fees, currently.",
            "fraction",
            nullable=True,
            minimum=Decimal(0),
            maximum=Decimal(1),
        ),
        text("description", "What it is; becomes the footnote of a line `other`.", nullable=True),
    ),
    (VEHICLE, INVESTOR),
)

VALUATIONS = Stream(
    "valuations",
    "One row per vehicle, investor, holding and date: a net asset value.",
    ("vehicle_id", "investor_id", "holding_id", "as_of"),
    (
        identifier("vehicle_id", "Vehicle that is valued."),
        identifier(
            "investor_id", "Capital account that is valued; blank: not one investor's.", nullable=True
        ),
        identifier("holding_id", "Holding that is valued; blank: not one holding's.", nullable=True),
        day("as_of", "Date that the value holds for."),
        amount("nav_amount", "Net asset value; it may be negative.", minimum=None),
        currency("Currency of the value."),
        text("basis", "Who stands behind it.", nullable=True, allowed=("reported", "audited", "estimated")),
    ),
    (VEHICLE, INVESTOR, HOLDING),
)

PAYMENTS = Stream(
    "payments",
    "One row per attempt to collect a commitment.",
    ("payment_id",),
    (
        identifier("payment_id", "Key of the attempt within the tenant."),
        identifier("commitment_id", "Commitment that it pays."),
        amount("amount", "Amount of the attempt in major units (10.99, not 1099)."),
        currency("Currency of the attempt."),
        text("status", "What came of it.", allowed=("pending", "succeeded", "failed", "refunded")),
        instant("attempted_at", "When it was tried."),
        integer("attempt", "Which attempt it is, from 1.", "attempts", nullable=True, low=1, high=1000),
        text("failure_reason", "Why it failed, in the source's words.", nullable=True),
    ),
    (Reference("commitment_id", "commitments", "commitment_id"),),
)
