"""Which tenants have webhook events that nobody has turned into rows yet. Reads the inbox, no more."""

from dataclasses import dataclass

from warehouse import roles
from warehouse.database import Database


@dataclass(frozen=True)
class Waiting:
    """Events of one tenant and source that wait. `newest` names this state: the newest event's arrival."""

    tenant_slug: str
    source: str
    events: int
    newest: str


def waiting_events(database: Database) -> list[Waiting]:
    """One entry a tenant and source with events that were received and not yet processed."""
    with database.connect(roles.DBT_BUILDER) as connection:
        rows = connection.execute(
            "select t.slug, e.source, count(*), max(e.received_at) "
            "from raw.webhook_event e join control.tenant t using (tenant_id) "
            "where e.status = 'received' and t.status = 'active' group by 1, 2 order by 1, 2"
        ).fetchall()
    return [Waiting(slug, source, events, newest.isoformat()) for slug, source, events, newest in rows]
