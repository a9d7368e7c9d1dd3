"""ILPA's templates of one holder and quarter: which there are, and each as a workbook."""

from datetime import UTC, date, datetime
from io import BytesIO

from reporting.ilpa.templates import template_named
from reporting.packs.periods import Quarter
from warehouse.sessions import Reader


def available(
    reader: Reader, tenant_id: int, vehicle_id: str, investor_id: str | None, quarter_end: date
) -> list[tuple[str, str]]:
    """The templates, each with its method, that have rows for this holder (None: any) and quarter."""
    quarter = _quarter(quarter_end)
    found = reader.rows(
        """
        select 1 as place, 'reporting' as template, 'granular' as method
         where exists (select from fct_ilpa_nav_reconciliation
                        where tenant_id = %(tenant)s and vehicle_id = %(vehicle)s
                          and (%(investor)s::text is null or investor_id = %(investor)s)
                          and period_end = %(ends)s)
        union all
        select distinct 2, 'performance', replace(method, '_', '-') from rpt_ilpa_fund_performance
         where tenant_id = %(tenant)s and vehicle_id = %(vehicle)s
           and (%(investor)s::text is null or investor_id = %(investor)s) and period_end = %(ends)s
        union all
        select 3, 'capital-call', 'granular'
         where exists (select from fct_ilpa_capital_calls
                        where tenant_id = %(tenant)s and vehicle_id = %(vehicle)s
                          and (%(investor)s::text is null or investor_id = %(investor)s)
                          and effective_on between %(starts)s and %(ends)s)
         order by 1, 3
        """,
        {
            "tenant": tenant_id,
            "vehicle": vehicle_id,
            "investor": investor_id,
            "starts": quarter.first_day,
            "ends": quarter.last_day,
        },
    )
    return [(row["template"], row["method"]) for row in found]


def workbook(
    reader: Reader,
    tenant_id: int,
    template: str,
    method: str,
    vehicle_id: str,
    investor_id: str | None,
    quarter_end: date,
) -> bytes:
    """The template as an Excel file. Raises NothingToReport where the reader sees no rows for it."""
    render = template_named(template, method)
    book = render(
        reader, vehicle_id, investor_id, _quarter(quarter_end), prepared_on=datetime.now(UTC).date()
    )
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _quarter(last_day: date) -> Quarter:
    return Quarter(last_day.year, (last_day.month + 2) // 3)
