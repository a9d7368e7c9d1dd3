"""The portal's script: who is asking, which organisation, which page. Runs on every rerun and assembles
only."""

from pathlib import Path

import streamlit as st

from dashboards import states
from dashboards.connection import connection
from dashboards.identity import chosen_membership, who_is_asking
from dashboards.masthead import show_masthead
from dashboards.navigation import PAGES, ROLES, pages_for
from dashboards.reading import close_context, open_context
from dashboards.theme import use_theme
from reporting.presentation.palette import palette_for
from warehouse.errors import AccessDenied
from warehouse.tenants import get_tenant


def main() -> None:
    """Check the session and the membership, draw the masthead, then the page or the reason why not."""
    st.set_page_config(
        page_title="Capstan", page_icon=str(Path(__file__).parent / "assets" / "mark.svg"), layout="wide"
    )
    signed_in = who_is_asking()
    viewer = chosen_membership(signed_in.viewers) if signed_in else None
    if signed_in is None or viewer is None:
        close_context()
        use_theme(palette_for(None))
        st.navigation([st.Page(lambda: None, title="Capstan", url_path="signed-out")], position="hidden")
        if signed_in is None:
            states.show_signed_out()
        else:
            states.show_no_membership(signed_in.user.email)
        return

    tenant = get_tenant(connection().database, viewer.tenant_slug)
    palette = palette_for(tenant.brand_colour)
    use_theme(palette)
    mine = pages_for(viewer.role, tenant.kind)
    pages = {page.url_path: st.Page(page.path, title=page.title, url_path=page.url_path) for page in PAGES}
    first = st.Page(mine[0].path, title=mine[0].title, url_path="home", default=True)  # the address "/"
    chosen = st.navigation([first, *pages.values()], position="hidden")
    chosen_path = chosen.url_path or mine[0].url_path
    show_masthead(signed_in, viewer, tenant, [(page, pages[page.url_path]) for page in mine], chosen_path)
    if chosen_path not in {page.url_path for page in mine}:
        states.show_no_permission(chosen.title, ROLES[viewer.role])
        return
    try:
        open_context(viewer, tenant, palette)
        chosen.run()
    except AccessDenied:
        states.show_no_permission(chosen.title, ROLES[viewer.role])
    except Exception as error:
        states.show_error(error, f"page {chosen_path} of tenant {viewer.tenant_slug}")


main()
