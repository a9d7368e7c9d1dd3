"""How pages read: a named query of `dashboards.queries`, in the viewer's own database session, remembered
briefly.

`st.cache_data` is shared by all users of the process, so the one cached function here takes the tenant, the
user, what
the user may see and the data version as arguments; a test refuses any cached function that does not.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeVar

import streamlit as st

from dashboards.connection import connection
from dashboards.identity import presented_token
from reporting.presentation.palette import Palette
from warehouse import users
from warehouse.sessions import Viewer, data_version
from warehouse.tenants import Tenant

Result = TypeVar("Result")
_CONTEXT = "_page_context"
_viewer_of_this_read: ContextVar[Viewer | None] = ContextVar("viewer_of_this_read", default=None)


@dataclass(frozen=True)
class PageContext:
    """What a page may know about the person looking at it."""

    viewer: Viewer
    tenant: Tenant
    data_version: int
    palette: Palette


class WrongViewer(RuntimeError):
    """A cached read was asked for on behalf of somebody else; a fault of ours, never shown as data."""


class SessionEnded(RuntimeError):
    """A download was asked for with a session that is over."""


def open_context(viewer: Viewer, tenant: Tenant, palette: Palette) -> PageContext:
    """Make this viewer the one whose rows pages read for the rest of this rerun."""
    context = PageContext(viewer, tenant, data_version(connection().database, viewer.tenant_id), palette)
    st.session_state[_CONTEXT] = context
    return context


def close_context() -> None:
    """Forget the viewer: nobody is signed in."""
    st.session_state.pop(_CONTEXT, None)


def page_context() -> PageContext:
    """The context that `app.py` opened for this rerun."""
    return st.session_state[_CONTEXT]


def read(query: Callable[..., Result], **arguments: Any) -> Result:
    """The answer of `query(reader, tenant_id, **arguments)` for the current viewer, from the cache while it
    is fresh.

    Args:
        query: a public function of a module in `dashboards.queries`.
        arguments: hashable values; None is allowed.
    """
    context = page_context()
    viewer = context.viewer
    held = _viewer_of_this_read.set(viewer)
    try:
        return _remembered(
            viewer.tenant_id,
            viewer.user_id,
            context.data_version,
            (viewer.role, tuple(sorted(viewer.investor_ids))),
            query.__module__,
            query.__name__,
            tuple(sorted(arguments.items())),
        )
    finally:
        _viewer_of_this_read.reset(held)


@st.cache_data(ttl=300, max_entries=1000, show_spinner=False)
def _remembered(
    tenant_id: int,
    user_id: int,
    data_version: int,
    access: tuple[str, tuple[str, ...]],
    module: str,
    name: str,
    arguments: tuple[tuple[str, Any], ...],
) -> Any:
    viewer = _viewer_of_this_read.get()
    if viewer is None or (viewer.tenant_id, viewer.user_id) != (tenant_id, user_id):
        raise WrongViewer(
            f"{module}.{name} was to be read for user {user_id} of tenant {tenant_id}, not for {viewer}"
        )
    query = getattr(import_module(module), name)
    with connection().sessions.read(viewer) as reader:
        return query(reader, tenant_id, **dict(arguments))


def later(query: Callable[..., Result], **arguments: Any) -> Callable[[], Result]:
    """The same read as `read`, to be made when a download is asked for: the session and the access are
    checked again then.

    Raises, when called: SessionEnded where the session ended in the meantime.
    """
    viewer, token = page_context().viewer, presented_token()

    def answer() -> Result:
        signed_in = users.signed_in(connection().database, token) if token else None
        if signed_in is None or viewer.user_id != signed_in.user.user_id:
            raise SessionEnded("the session ended before the download was asked for; sign in again")
        with connection().sessions.read(viewer) as reader:
            return query(reader, viewer.tenant_id, **arguments)

    return answer


def reading(viewer: Viewer) -> Any:
    """A Reader of this viewer, uncached: for the SQL page and for explanations."""
    return connection().sessions.read(viewer)
