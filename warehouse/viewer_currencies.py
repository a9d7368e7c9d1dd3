"""What a person wants an organisation's figures told in, remembered between visits.

The figures are computed by the models, which read the choices from `control.told_in`: a currency that no
mart tells yet is told from the next refresh on (`asked_at` makes the tenant due for one). Nothing is
converted here.
"""

from collections.abc import Collection

from warehouse import roles
from warehouse.database import Database
from warehouse.errors import WarehouseError
from warehouse.sessions import Viewer


class UnknownCurrency(WarehouseError):
    """A currency was asked for that no exchange rate knows."""


def known(database: Database) -> tuple[str, ...]:
    """Currencies that the platform has a rate of, by code: those that figures can be told in."""
    with database.connect(roles.CONTROL_APP) as connection:
        rows = connection.execute(
            "select currency_code from control.currency_with_rates order by 1"
        ).fetchall()
    return tuple(code for (code,) in rows)


def chosen(database: Database, viewer: Viewer) -> str | None:
    """What this person chose in this organisation; None before the first choice."""
    with database.connect(roles.CONTROL_APP) as connection:
        row = connection.execute(
            "select currency_code from control.viewer_currency where tenant_id = %s and user_id = %s",
            (viewer.tenant_id, viewer.user_id),
        ).fetchone()
    return row[0] if row else None


def choose(
    database: Database, viewer: Viewer, currency_code: str, *, is_told: bool, own: Collection[str] = ()
) -> None:
    """Remember the choice; where not all marts tell it yet (`is_told` false), the next refresh does.

    Args:
        own: currencies that need no rate, as amounts are in them.

    Raises UnknownCurrency, naming the currencies that are allowed.
    """
    allowed = sorted({*known(database), *own})
    if not is_told and currency_code not in allowed:
        raise UnknownCurrency(
            f"figures cannot be told in {currency_code!r}: no exchange rate of it is known. "
            f"Allowed: {', '.join(allowed) or 'none yet'}; "
            "load the rates of others with `capstan ingest platform capstan --stream fx_rates`"
        )
    with database.connect(roles.CONTROL_APP) as connection:
        connection.execute(
            """
            insert into control.viewer_currency as v (tenant_id, user_id, currency_code, asked_at)
            values (%(tenant)s, %(user)s, %(code)s, case when %(is_told)s then null else now() end)
            on conflict (tenant_id, user_id) do update
            set currency_code = excluded.currency_code, chosen_at = now(), asked_at = excluded.asked_at
            where v.currency_code <> excluded.currency_code
            """,
            {
                "tenant": viewer.tenant_id,
                "user": viewer.user_id,
                "code": currency_code,
                "is_told": is_told,
            },
        )
