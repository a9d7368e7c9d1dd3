"""In which currency a page tells its figures: chosen by the viewer, remembered for the next visit.

A currency that no mart tells yet is told from the next refresh on; until then the page stays with its own and
says so. Nothing is converted here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboards import display
from dashboards.connection import connection
from dashboards.reading import page_context
from warehouse import viewer_currencies

KEY = "currency"
_PICKED = "_currency_picked"


@dataclass(frozen=True)
class ToldIn:
    """What the page is told in, and the currency that it waits for, if any."""

    currency: str
    awaited: str | None = None

    def say(self) -> None:
        """Tell the viewer what is awaited, where something is."""
        if self.awaited:
            display.note(
                f"You asked for {self.awaited}: figures are told in it from the next refresh on. "
                f"Until then they are in {self.currency}.",
                "warn",
            )


def choose_currency(here: Sequence[str], everywhere: Collection[str]) -> ToldIn:
    """The chooser "Told in".

    Args:
        here: what this page can be told in now, its own currency first.
        everywhere: what every page of this viewer can be told in now; another one makes the tenant due for a
            refresh when it is chosen.
    """
    context, database = page_context(), connection().database
    remembered = viewer_currencies.chosen(database, context.viewer)
    wanted = dict.fromkeys([*here, *([remembered] if remembered else []), *viewer_currencies.known(database)])
    code = display.choose(
        "Told in",
        [{"code": one} for one in wanted],
        key=KEY,
        id_key="code",
        name=lambda row: str(row["code"]),  # stands in the address
        first=remembered,
        on_change=_picked,
    )
    if st.session_state.pop(_PICKED, False) and code != remembered:
        viewer_currencies.choose(database, context.viewer, code, is_told=code in everywhere, own=here)
    return ToldIn(code) if code in here else ToldIn(here[0], awaited=code)


def pool_of_all(currency: str, tenant_currency: str) -> str:
    """The pool of all vehicles told in a currency."""
    return "all" if currency == tenant_currency else f"told_in:{currency}"


def pool_of_vehicle(vehicle_id: str, currency: str) -> str:
    """The pool of one vehicle told in a currency that is not its own."""
    return f"vehicle:{vehicle_id} / {currency}"


def _picked() -> None:
    """The viewer picked a currency by hand: it is kept once the rerun has checked who they are."""
    st.session_state[_PICKED] = True
