"""Deal rooms: who read which document, how far and for how long. Machines and the own team are left out
unless asked for."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]
_COUNTED = "(%(everyone)s or not (coalesce(is_machine, false) or coalesce(is_own_team, false)))"


def vehicles(reader: Reader, tenant_id: int) -> list[Row]:
    """The rounds whose documents were opened, the most read first."""
    return reader.rows(
        """
        select v.vehicle_id, coalesce(d.name, v.vehicle_id) as vehicle_name, count(*) as views
          from fct_document_views v
          left join dim_vehicle d on d.tenant_id = v.tenant_id and d.vehicle_id = v.vehicle_id
         where v.tenant_id = %s
         group by 1, 2
         order by 3 desc, 2
        """,
        (tenant_id,),
    )


def summary(reader: Reader, tenant_id: int, vehicle_id: str, everyone: bool) -> Row:
    """Views, readers, seconds and completion of a round's documents, and how many views were left out."""
    (totals,) = reader.rows(
        f"""
        select count(*) filter (where {_COUNTED}) as views,
               count(distinct coalesce(investor_id, viewer_email)) filter (where {_COUNTED}) as readers,
               sum(duration_seconds) filter (where {_COUNTED}) as seconds,
               avg(completion_pct) filter (where {_COUNTED}) as completion_pct,
               count(*) filter (where is_machine) as machine_views,
               count(*) filter (where is_own_team and not coalesce(is_machine, false)) as own_team_views,
               max(started_at) as last_viewed_at
          from fct_document_views
         where tenant_id = %(tenant_id)s and vehicle_id = %(vehicle_id)s
        """,
        {"tenant_id": tenant_id, "vehicle_id": vehicle_id, "everyone": everyone},
    )
    return totals


def documents(reader: Reader, tenant_id: int, vehicle_id: str, everyone: bool) -> list[Row]:
    """Each document: views, readers, time and completion; the most read first."""
    return reader.rows(
        f"""
        select document_id, min(document_name) as name, min(document_type) as type, max(pages) as pages,
               count(*) as views, count(distinct coalesce(investor_id, viewer_email)) as readers,
               sum(duration_seconds) as seconds, avg(completion_pct) as completion_pct,
               count(*) filter (where downloaded) as downloads, max(started_at) as last_viewed_at
          from fct_document_views
         where tenant_id = %(tenant_id)s and vehicle_id = %(vehicle_id)s and {_COUNTED}
         group by document_id
         order by 5 desc, 2
        """,
        {"tenant_id": tenant_id, "vehicle_id": vehicle_id, "everyone": everyone},
    )


def views_by_week(reader: Reader, tenant_id: int, vehicle_id: str, everyone: bool) -> list[Row]:
    """Views and seconds per week (its Monday), oldest first."""
    return reader.rows(
        f"""
        select date_trunc('week', started_at)::date as week, count(*) as views, sum(duration_seconds) as
        seconds
          from fct_document_views
         where tenant_id = %(tenant_id)s and vehicle_id = %(vehicle_id)s and {_COUNTED}
         group by 1
         order by 1
        """,
        {"tenant_id": tenant_id, "vehicle_id": vehicle_id, "everyone": everyone},
    )


def engagement(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """Each investor's reading, the longest first; machines and the own team never count here."""
    return reader.rows(
        """
        select investor_id, investor_name, firm, visits, documents_viewed, seconds, last_viewed_at,
        last_touch_at,
               days_since_last_touch, stage, amount, currency_code
          from rpt_investor_engagement
         where tenant_id = %s and vehicle_id = %s and visits > 0
         order by seconds desc nulls last, visits desc, investor_name
        """,
        (tenant_id, vehicle_id),
    )


def views(
    reader: Reader, tenant_id: int, vehicle_id: str, everyone: bool, limit: int | None, offset: int
) -> list[Row]:
    """One page of single views, newest first; `summary` has how many there are."""
    return reader.rows(
        f"""
        select view_id, started_at, coalesce(investor_name, viewer_email) as reader, document_name,
        duration_seconds,
               pages_viewed, pages, completion_pct, downloaded, is_machine, is_own_team, visit_number
          from fct_document_views
         where tenant_id = %(tenant_id)s and vehicle_id = %(vehicle_id)s and {_COUNTED}
         order by started_at desc, view_id
         limit %(limit)s offset %(offset)s
        """,
        {
            "tenant_id": tenant_id,
            "vehicle_id": vehicle_id,
            "everyone": everyone,
            "limit": limit,
            "offset": offset,
        },
    )
