"""The demo world put together: tenants, their facts, their files and what loading those files must give.

Deterministic: no clock, no network, seeded numbers only. `truth.py` computes the answers from the same facts.
"""

from dataclasses import dataclass
from functools import cache

from capstan.demo.aldersyde import aldersyde
from capstan.demo.company import orrery_grid
from capstan.demo.facts import Fact
from capstan.demo.files import Broken, DemoFile, Flaws, deliveries
from capstan.demo.markets import platform
from capstan.demo.quillmark import quillmark

PERIOD = "2026Q3"
"""The quarter whose statements the demo sends."""


@dataclass(frozen=True)
class DemoTenant:
    """One tenant of the demo world; `platform` exists already and only gets files."""

    slug: str
    name: str
    kind: str
    currency_code: str
    timezone: str
    brand_colour: str | None
    facts: tuple[Fact, ...]
    files: tuple[DemoFile, ...]

    def of(self, stream: str) -> list[Fact]:
        """The facts of one stream."""
        return [fact for fact in self.facts if fact.stream == stream]


def _places(facts: list[Fact], stream: str, **columns: str) -> list[int]:
    """Positions, among the facts of a stream, of those whose columns have these texts."""
    rows = [fact.as_row() for fact in facts if fact.stream == stream]
    return [
        place for place, row in enumerate(rows) if all(row[key] == value for key, value in columns.items())
    ]


def _aldersyde_flaws(facts: list[Fact]) -> Flaws:
    called = _places(facts, "transactions", kind="contribution", vehicle_id="fund-1", investor_id="lp-003")
    paid = _places(facts, "transactions", kind="distribution", vehicle_id="fund-2", investor_id="lp-011")
    valued = _places(facts, "valuations", vehicle_id="fund-1", investor_id="lp-001", holding_id="")
    promised = _places(facts, "commitments", vehicle_id="fund-2", investor_id="lp-009")
    last = _places(facts, "transactions", vehicle_id="fund-2", effective_on="2026-09-25")
    return Flaws(
        misstated={
            ("transactions", called[4]): {"amount": "1.00"},
            ("transactions", paid[0]): {"recallable": "false", "amount": "999999.99"},
            ("valuations", valued[-2]): {"nav_amount": "15000000.00", "basis": "estimated"},
            ("commitments", promised[0]): {"amount": "26000000.00"},
        },
        phantoms=(
            (
                "transactions",
                called[2],
                {"transaction_id": "t-90001", "description": "Booked twice by the bank"},
            ),
        ),
        late={"transactions": last},
        repeated={"transactions": called[6:9], "valuations": valued[:3], "investors": (0, 1)},
        doubled={"transactions": called[8:10], "valuations": valued[5:6]},
        broken=(
            Broken(
                "transactions", 3, {"transaction_id": "t-80001", "effective_on": "2023-02-30"}, "effective_on"
            ),
            Broken("transactions", 40, {"transaction_id": "t-80002", "investor_id": "lp-099"}, "investor_id"),
            Broken("transactions", 41, {"transaction_id": "t-80003", "kind": "captial_call"}, "kind"),
            Broken("transactions", 90, {"transaction_id": "t-80004", "amount": "-125000.00"}, "amount"),
            Broken(
                "transactions", 91, {"transaction_id": "t-80005", "currency_code": "EURO"}, "currency_code"
            ),
            Broken("transactions", 400, {"transaction_id": "t-80006", "amount": "1.250.000,00"}, "amount"),
            Broken("transactions", 500, {"transaction_id": ""}, "transaction_id"),
            Broken("transactions", 600, {"amount": "77.00"}, "amount"),
            Broken("valuations", 12, {"as_of": "2018-12-32"}, "as_of"),
            Broken(
                "valuations",
                30,
                {"investor_id": "lp-001", "as_of": "2018-11-30", "nav_amount": "n/a"},
                "nav_amount",
            ),
            Broken("commitments", 2, {"commitment_id": "c9-lp-003", "vehicle_id": "fund-9"}, "vehicle_id"),
        ),
    )


def _quillmark_flaws(facts: list[Fact]) -> Flaws:
    called = _places(facts, "transactions", kind="contribution", vehicle_id="fund-1", investor_id="lp-002")
    return Flaws(
        misstated={("transactions", called[1]): {"amount": "123456.78"}},
        repeated={"vehicles": (0,), "transactions": called[3:5]},
        broken=(
            Broken(
                "transactions", 7, {"transaction_id": "t-80001", "effective_on": "15/03/2021"}, "effective_on"
            ),
            Broken("transactions", 8, {"transaction_id": "t-80002", "purpose": "lunch"}, "purpose"),
            Broken("transactions", 60, {"transaction_id": "t-80003", "investor_id": "lp-012"}, "investor_id"),
        ),
    )


def _orrery_flaws(facts: list[Fact]) -> Flaws:
    signed = _places(facts, "commitments", vehicle_id="series-a", status="funded")
    views, payments = _places(facts, "views"), _places(facts, "payments")
    return Flaws(
        misstated={
            ("commitments", signed[0]): {"status": "signed", "amount": "50000.00"},
            ("stage_events", 10): {"reason": "mistyped"},
        },
        late={"views": views[-11:], "payments": payments[-1:]},
        repeated={"views": (0, 1, 2), "documents": (0,)},
        doubled={"views": (20, 21)},
        broken=(
            Broken("views", 30, {"view_id": "v-8001", "duration_seconds": "-12"}, "duration_seconds"),
            Broken("views", 31, {"view_id": "v-8002", "page_seconds": "12;14"}, "page_seconds"),
            Broken("views", 32, {"view_id": "v-8003", "document_id": "d-77"}, "document_id"),
            Broken("stage_events", 5, {"event_id": "se-8001", "to_stage": "won"}, "to_stage"),
            Broken(
                "stage_events",
                6,
                {"event_id": "se-8002", "occurred_at": "2026-13-01T10:00:00+00:00"},
                "occurred_at",
            ),
            Broken("payments", 4, {"payment_id": "p-8001", "status": "chargeback"}, "status"),
            Broken("payments", 5, {"payment_id": "p-8002", "currency_code": "US$"}, "currency_code"),
            Broken("investors", 9, {"investor_id": "inv-801", "name": ""}, "name"),
        ),
    )


def _tenant(
    slug: str,
    name: str,
    kind: str,
    currency: str,
    zone: str,
    colour: str | None,
    facts: list[Fact],
    flaws: Flaws,
) -> DemoTenant:
    return DemoTenant(slug, name, kind, currency, zone, colour, tuple(facts), tuple(deliveries(facts, flaws)))


@cache
def demo_world() -> tuple[DemoTenant, ...]:
    """All tenants, `platform` first, since the others' figures need its rates and indices."""
    orrery, first, second = orrery_grid(), aldersyde(), quillmark()
    return (
        _tenant("platform", "Platform", "platform", "EUR", "UTC", None, platform(), Flaws()),
        _tenant(
            "orrery-grid",
            "Orrery Grid",
            "company",
            "USD",
            "America/New_York",
            "#0f766e",
            orrery,
            _orrery_flaws(orrery),
        ),
        _tenant(
            "aldersyde",
            "Aldersyde Partners",
            "manager",
            "EUR",
            "Europe/Amsterdam",
            "#1d4ed8",
            first,
            _aldersyde_flaws(first),
        ),
        _tenant(
            "quillmark",
            "Quillmark Capital",
            "manager",
            "USD",
            "America/Chicago",
            "#b45309",
            second,
            _quillmark_flaws(second),
        ),
    )
