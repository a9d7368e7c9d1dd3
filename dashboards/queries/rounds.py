"""A company's round: how far it is, who committed, and what has been collected."""

from typing import Any

from warehouse.sessions import Reader

Row = dict[str, Any]


def progress(reader: Reader, tenant_id: int) -> list[Row]:
    """Every round with its target and what is soft-circled, signed, funded and collected; the newest
    first."""
    return reader.rows(
        """
        select vehicle_id, vehicle_name, vehicle_kind, currency_code, target_amount, hard_cap_amount,
        opened_on,
               final_close_on, soft_circled_amount, signed_amount, funded_amount, collected_amount,
               committed_amount,
               committed_pct, committed_investors
          from rpt_commitment_progress
         where tenant_id = %s
         order by opened_on desc nulls last, vehicle_name, vehicle_id
        """,
        (tenant_id,),
    )


def collections(reader: Reader, tenant_id: int, vehicle_id: str) -> list[Row]:
    """Each commitment of a round: paid, outstanding and the last attempt to collect; largest first."""
    return reader.rows(
        """
        select commitment_id, investor_id, investor_name, committed_amount, paid_amount, outstanding_amount,
        attempts,
               last_attempt_status, last_attempt_at, next_retry_on, currency_code
          from rpt_collections
         where tenant_id = %s and vehicle_id = %s
         order by committed_amount desc nulls last, investor_name, commitment_id
        """,
        (tenant_id, vehicle_id),
    )
