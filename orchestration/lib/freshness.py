"""Which tenants have data that their marts have not seen yet. Reads the ledger; computes nothing."""

from dataclasses import dataclass

from warehouse import roles
from warehouse.database import Database
from warehouse.tenants import PLATFORM_SLUG


@dataclass(frozen=True)
class Position:
    """The newest batch of a tenant, and the newest that its marts were computed from.

    `asked_at`: when somebody last asked for a currency that no mart tells yet, in microseconds since 1970; 0:
    nobody waits for one.
    """

    tenant_slug: str
    newest_batch: int
    computed_batch: int
    asked_at: int = 0

    @property
    def is_behind(self) -> bool:
        """Whether something was loaded or asked for since."""
        return self.newest_batch > self.computed_batch or self.asked_at > 0


def positions(database: Database) -> list[Position]:
    """One position a tenant that is active, the platform's first."""
    with database.connect(roles.DBT_BUILDER) as connection:
        rows = connection.execute(
            """
            select t.slug, coalesce(b.newest, 0), coalesce(v.batch_seq, 0), coalesce(
                (select (extract(epoch from max(a.asked_at)) * 1000000)::bigint from control.told_in a
                  where a.tenant_id = t.tenant_id and a.asked_at > coalesce(v.refreshed_at, '-infinity')), 0
            )
            from control.tenant t
            left join control.data_version v using (tenant_id)
            left join (
                select tenant_id, max(batch_seq) as newest from raw.batch group by tenant_id
            ) b using (tenant_id)
            where t.status = 'active'
            order by t.tenant_id <> 0, t.slug
            """
        ).fetchall()
    return [Position(*row) for row in rows]


def to_refresh(found: list[Position]) -> dict[str, str]:
    """Tenants whose marts are behind, with a key that names exactly this state of their data.

    Rates and index levels of the platform concern every tenant; the platform itself is in the answer when
    it is behind, so that its position is moved on too.
    """
    platform = next((position for position in found if position.tenant_slug == PLATFORM_SLUG), None)
    shared = platform.newest_batch if platform else 0
    is_shared_new = platform is not None and platform.is_behind
    return {
        position.tenant_slug: f"{position.tenant_slug}:{position.newest_batch}:{shared}"
        + (f":{position.asked_at}" if position.asked_at else "")
        for position in found
        if position.is_behind or is_shared_new
    }
