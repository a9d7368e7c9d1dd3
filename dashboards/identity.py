"""Who is asking: from the session token to one membership, checked in the database on every rerun.

Nothing here is cached, so a revoked session, a disabled user or a removed membership counts at the next
click.
"""

import streamlit as st

from dashboards.connection import connection
from dashboards.gate import SESSION_COOKIE
from warehouse import users
from warehouse.sessions import Viewer
from warehouse.users import SignedIn

_PRINCIPAL = "_principal"
CHOSEN_TENANT = "chosen_tenant"


def presented_token() -> str | None:
    """The session token of this browser: its cookie, or what a test put into the session."""
    token = st.session_state.get("session_token") or st.context.cookies.get(SESSION_COOKIE)
    return str(token) if token else None


def who_is_asking() -> SignedIn | None:
    """The signed-in user with today's memberships, or None where the session is unknown, ended or revoked.

    A Streamlit session that changes hands starts empty: what one user chose or saw is not left for the next.
    """
    token = presented_token()
    signed_in = users.signed_in(connection().database, token) if token else None
    principal = signed_in.user.user_id if signed_in else None
    if st.session_state.get(_PRINCIPAL) not in (None, principal):
        kept = st.session_state.get("session_token")
        st.session_state.clear()
        if kept:
            st.session_state["session_token"] = kept
    st.session_state[_PRINCIPAL] = principal
    return signed_in


def chosen_membership(viewers: tuple[Viewer, ...]) -> Viewer | None:
    """The membership to look through: the one chosen in the masthead while it still exists, else the
    first."""
    chosen = st.session_state.get(CHOSEN_TENANT)
    return next(
        (viewer for viewer in viewers if viewer.tenant_slug == chosen), viewers[0] if viewers else None
    )
