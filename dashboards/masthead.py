"""The head of every page: the organisation's own name and colour, the pages of the role, the person and the
way out."""

from html import escape

import streamlit as st
from streamlit.navigation.page import Page as StreamlitPage

from dashboards.identity import CHOSEN_TENANT
from dashboards.navigation import ROLES, PortalPage
from warehouse.sessions import Viewer
from warehouse.tenants import Tenant
from warehouse.users import SignedIn


def show_masthead(
    signed_in: SignedIn,
    viewer: Viewer,
    tenant: Tenant,
    pages: list[tuple[PortalPage, StreamlitPage]],
    current: str,
) -> None:
    """Draw the masthead; the current page's link is marked by a style of its own."""
    with st.container(key="masthead", horizontal=True, vertical_alignment="center"):
        st.html(
            '<div class="cap-brand"><span class="cap-mark" '
            f'aria-hidden="true">{escape(tenant.name[:1].upper())}</span>'
            f'<span class="cap-tenant">{escape(tenant.name)}</span></div>',
            width="content",
        )
        with st.container(key="nav", horizontal=True, gap="medium"):
            for page, target in pages:
                with st.container(key=f"nav-{'on' if page.url_path == current else 'off'}-{page.url_path}"):
                    st.page_link(target, label=page.title)
        with st.container(key="person", width="content"), st.popover(viewer.display_name, type="tertiary"):
            st.html(
                f'<div class="cap-person"><strong>{escape(viewer.display_name)}</strong>'
                f"<span>{escape(viewer.email)}</span>"
                f"<span>{escape(ROLES[viewer.role])} at {escape(tenant.name)}</span></div>"
            )
            if len(signed_in.viewers) > 1:
                names = {
                    one.tenant_slug: f"{one.tenant_name} · {ROLES[one.role]}" for one in signed_in.viewers
                }
                st.radio(
                    "Organisation",
                    list(names),
                    index=list(names).index(viewer.tenant_slug),
                    format_func=names.__getitem__,
                    key=CHOSEN_TENANT,
                )
            st.html('<a class="cap-sign-out" href="/auth/logout" target="_self">Sign out</a>')
