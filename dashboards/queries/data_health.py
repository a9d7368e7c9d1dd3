"""How fresh and how complete the marts are: newest dates, numbers of rows, and figures that carry a
warning."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]
_SUBJECTS = (
    ("Cash movements", "fct_cash_flows", "max(effective_on)::timestamptz"),
    ("Valuations", "fct_valuations", "max(as_of)::timestamptz"),
    ("Performance of investors", "fct_investor_performance", "max(as_of)::timestamptz"),
    ("Capital accounts", "fct_capital_account", "max(quarter)::timestamptz"),
    ("Pipeline moves", "fct_stage_transitions", "max(occurred_at)"),
    ("Document views", "fct_document_views", "max(started_at)"),
    ("Collections", "rpt_collections", "max(last_attempt_at)"),
)


def freshness(reader: Reader, tenant_id: int) -> list[Row]:
    """Each subject with its number of rows and its newest date."""
    union = " union all ".join(
        f"select {place} as place, '{subject}' as subject, count(*) as row_count, {newest} as newest "
        f"from {mart} where tenant_id = %(tenant_id)s"
        for place, (subject, mart, newest) in enumerate(_SUBJECTS)
    )
    return reader.rows(f"select * from ({union}) as subjects order by place", {"tenant_id": tenant_id})


def warnings(reader: Reader, tenant_id: int) -> list[Row]:
    """Latest figures of vehicles that should not be relied on without a look: rolled or missing NAVs, no
    IRR."""
    return reader.rows(
        """
        select vehicle_id, vehicle_name, as_of, nav_status, nav_as_of, nav_age_days, irr_status, pme_status,
               fx_reason
          from fct_vehicle_performance
         where tenant_id = %s and is_latest
           and (nav_status not in ('reported', 'closed') or irr_status <> 'ok' or fx_reason is not null)
         order by vehicle_name, vehicle_id
        """,
        (tenant_id,),
    )


def sources(reader: Reader, tenant_id: int) -> list[Row]:
    """The files that today's cash movements and valuations came from, with the number of rows from each."""
    return reader.rows(
        """
        select source_file, batch_id, count(*) as row_count, min(first_on) as first_on, max(last_on) as
        last_on
          from (select source_file, batch_id, effective_on as first_on, effective_on as last_on
                  from fct_cash_flows where tenant_id = %(tenant_id)s
                 union all
                select source_file, batch_id, as_of, as_of
                  from fct_valuations where tenant_id = %(tenant_id)s) as lines
         group by 1, 2
         order by 3 desc, 1
         limit 50
        """,
        {"tenant_id": tenant_id},
    )
