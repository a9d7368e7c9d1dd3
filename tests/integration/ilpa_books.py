"""The books of one manager as canonical files: rows are added by what they mean and written as CSV."""

import csv
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

EARLIER, THIS_YEAR, THIS_QUARTER = "2025-06-15", "2026-04-15", "2026-08-14"
YEAR_BEFORE, QUARTER_BEFORE, PERIOD_END = "2025-12-31", "2026-06-30", "2026-09-30"


@dataclass
class Books:
    """Rows of one tenant by stream; amounts are multiplied by `scale` so that tenants differ."""

    scale: int = 1
    streams: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, stream: str, **row: Any) -> None:
        rows = self.streams.setdefault(stream, [])
        key = {
            "transactions": "transaction_id",
            "allocations": "allocation_id",
            "commitments": "commitment_id",
        }.get(stream)
        if key:
            row = {key: f"{stream[0]}{len(rows) + 1}", **row}
        for name in ("amount", "nav_amount"):
            if name in row:
                row = {**row, name: str(Decimal(str(row[name])) * self.scale), "currency_code": "USD"}
        rows.append(row)

    def vehicle(self, vehicle_id: str) -> None:
        self.add(
            "vehicles",
            vehicle_id=vehicle_id,
            name=f"Fund {vehicle_id}",
            kind="fund",
            currency_code="USD",
            status="active",
        )

    def holder(self, investor_id: str, kind: str = "") -> None:
        self.add("investors", investor_id=investor_id, name=f"Holder {investor_id}", kind=kind)

    def flow(self, vehicle: str, investor: str, amount: object, on: str, **more: Any) -> None:
        """A contribution (positive) or a distribution (negative); 0 is none."""
        value = Decimal(str(amount))
        if value:
            kind = "contribution" if value > 0 else "distribution"
            self.add(
                "transactions",
                vehicle_id=vehicle,
                investor_id=investor,
                kind=kind,
                amount=abs(value),
                effective_on=on,
                **more,
            )

    def line(self, vehicle: str, investor: str, line: str, on: str, amount: object, **more: Any) -> None:
        if Decimal(str(amount)):
            self.add(
                "allocations",
                vehicle_id=vehicle,
                investor_id=investor,
                line=line,
                effective_on=on,
                amount=amount,
                **more,
            )

    def spans(self, vehicle: str, investor: str, line: str, qtd: int, ytd: int, itd: int) -> None:
        """Amounts of a line such that these are its QTD, YTD and ITD."""
        for on, amount in ((THIS_QUARTER, qtd), (THIS_YEAR, ytd - qtd), (EARLIER, itd - ytd)):
            if line == "flows":
                self.flow(vehicle, investor, amount, on)
            else:
                self.line(vehicle, investor, line, on, amount)

    def value(self, vehicle: str, investor: str, on: str, amount: int) -> None:
        self.add("valuations", vehicle_id=vehicle, investor_id=investor, as_of=on, nav_amount=amount)

    def write(self, folder: Path) -> list[Path]:
        folder.mkdir(parents=True)
        paths = []
        for stream, rows in self.streams.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            path = folder / f"{stream}.csv"
            with path.open("w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, names, restval="")
                writer.writeheader()
                writer.writerows(rows)
            paths.append(path)
        return paths
