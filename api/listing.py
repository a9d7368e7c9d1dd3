"""Lists: a mart's rows filtered, in key order, a page at a time, as JSON or CSV.

Pages are found by the last key, not by counting, so that a page is never skipped or shown twice while rows
arrive,
and the last page costs what the first does.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import PlainTextResponse

from api.errors import BadRequest
from reporting.presentation.delimited import csv_text
from warehouse.sessions import Sessions, Viewer

Limit = Annotated[int, Query(ge=1, le=1000, description="Most rows on a page")]
Since = Annotated[date | None, Query(alias="from", description="On or after this day")]
Until = Annotated[date | None, Query(alias="to", description="On or before this day")]
VehicleId = Annotated[str | None, Query(description="Only this vehicle")]
InvestorId = Annotated[str | None, Query(description="Only this investor")]
Cursor = Annotated[str | None, Query(max_length=2000, description="`next` of the page before")]


@dataclass(frozen=True)
class Key:
    """A column of the order: its name in the answer, its SQL, and its type."""

    name: str
    sql: str
    type: str = "text"


@dataclass(frozen=True)
class Listing:
    """A list over one mart. All texts here are constants; values are always bound.

    Args:
        columns: what the answer holds, in order.
        filters: parameter name to a condition on it, such as `vehicle_id = %(vehicle_id)s`.
        fixed: a condition that always holds, or none.
    """

    mart: str
    columns: tuple[str, ...]
    keys: tuple[Key, ...]
    filters: Mapping[str, str]
    fixed: str = ""

    def read(
        self,
        sessions: Sessions,
        viewer: Viewer,
        given: Mapping[str, Any],
        *,
        limit: int,
        cursor: str | None,
    ) -> tuple[list[dict[str, Any]], str | None]:
        """One page and the cursor of the next one, None on the last. Raises BadRequest for a bad cursor."""
        params: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        conditions = ["tenant_id = %(tenant)s", *([self.fixed] if self.fixed else [])]
        conditions += [self.filters[name] for name in params]
        if cursor is not None:
            after = self._decode(cursor)
            params |= {f"after_{place}": value for place, value in enumerate(after)}
            values = ", ".join(f"%(after_{place})s::{key.type}" for place, key in enumerate(self.keys))
            conditions.append(f"({', '.join(key.sql for key in self.keys)}) > ({values})")
        shown = ", ".join(self.columns)
        order = ", ".join(key.sql for key in self.keys)
        marks = ", ".join(f"{key.sql}::text as _key_{place}" for place, key in enumerate(self.keys))
        query = (
            f"select {shown}, {marks} from {self.mart} where {' and '.join(conditions)} "
            f"order by {order} limit %(limit)s"
        )
        with sessions.read(viewer) as reader:
            rows = reader.rows(query, {**params, "tenant": viewer.tenant_id, "limit": limit + 1})
        page = rows[:limit]
        last = [page[-1][f"_key_{place}"] for place in range(len(self.keys))] if len(rows) > limit else None
        data = [{column: row[column] for column in self.columns} for row in page]
        return data, self._encode(last) if last is not None else None

    def _encode(self, keys: list[str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")

    def _decode(self, cursor: str) -> list[str]:
        try:
            raw = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))
            keys = json.loads(raw)
        except (binascii.Error, ValueError, UnicodeError, RecursionError) as error:
            raise BadRequest("cursor: not one that this list gave; begin without it.") from error
        fits = isinstance(keys, list) and len(keys) == len(self.keys)
        if not fits or not all(isinstance(key, str) and "\x00" not in key for key in keys):
            raise BadRequest("cursor: not one that this list gave; begin without it.")
        for key, value in zip(self.keys, keys, strict=True):
            if key.type == "date" and not _is_date(value):
                raise BadRequest("cursor: not one that this list gave; begin without it.")
        return keys


def answer(
    request: Request, response: Response, listing: Listing, data: list[dict[str, Any]], following: str | None
) -> Any:
    """The page as the caller asked for it: JSON, or CSV where `Accept` prefers `text/csv`."""
    headers = {}
    if following is not None:
        headers["Link"] = f'<{request.url.include_query_params(cursor=following)}>; rel="next"'
    if wants_csv(request.headers.get("accept", "")):
        text = csv_text(listing.columns, data)
        return PlainTextResponse(text, media_type="text/csv; charset=utf-8; header=present", headers=headers)
    response.headers.update(headers)
    return {"data": data, "next": following}


def wants_csv(accept: str) -> bool:
    """Whether `text/csv` is named with a greater weight than JSON."""
    weights = {"text/csv": 0.0, "application/json": 0.0}
    for part in accept.split(","):
        kind, _, parameters = part.strip().partition(";")
        weight = 1.0
        for parameter in parameters.split(";"):
            name, _, value = parameter.strip().partition("=")
            if name == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        if kind.lower() in weights:
            weights[kind.lower()] = weight
    return weights["text/csv"] > weights["application/json"]


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10
