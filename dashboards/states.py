"""Pages for when there is nothing to show: no data yet, no permission, signed out, something went wrong.

Each says what is the matter and what to do next. None shows a traceback; the log has it under the reference.
"""

import logging

import streamlit as st

from dashboards.markup import state_page
from dashboards.references import new_reference

_log = logging.getLogger("capstan.portal")


def show_nothing_yet(title: str, *, because: str, next_step: str) -> None:
    """The page exists and is yours, but there are no rows for it yet."""
    st.html(state_page("Nothing here yet", title, because, next_step))


def show_no_permission(title: str, role: str) -> None:
    """The address exists but not for this role. Whether there is data behind it is not said."""
    st.html(
        state_page(
            "Not open to you",
            f"{title} is not part of your access",
            f"You are signed in as {role.lower()}. This page is for other roles of the organisation.",
            "Use the pages named above, or ask the person who manages access in your organisation.",
        )
    )


def show_no_membership(email: str) -> None:
    """Signed in, but belonging to no organisation (any more)."""
    st.html(
        state_page(
            "No access",
            "Your account is not connected to an organisation",
            f"{email} is signed in, but no organisation gives it access at the moment. Ask the person "
            "who sends you "
            "your reports to renew it.",
            '<a href="/auth/logout" target="_self">Sign out</a>',
            next_is_markup=True,
        )
    )


def show_signed_out() -> None:
    """The session ended, was revoked, or its user was disabled."""
    st.html(
        state_page(
            "Signed out",
            "Your session has ended",
            "Sessions end after a while, when you sign out elsewhere, or when access is withdrawn.",
            '<a href="/auth/login" target="_self">Sign in again</a>',
            next_is_markup=True,
        )
    )


def show_error(error: BaseException, where: str) -> str:
    """Log the error under a new reference and show that reference; returns it."""
    reference = new_reference()
    _log.error("reference %s: %s failed", reference, where, exc_info=error)
    st.html(
        state_page(
            "Something went wrong",
            "This page could not be shown",
            "The figures are safe; only showing them failed. No figure is shown that may be wrong.",
            f"Reload the page. If it happens again, send this reference to your administrator: {reference}",
        )
    )
    return reference


def show_script_error(error: Exception) -> bool:
    """For Streamlit: the same page for what fails outside a page, such as in a widget's callback."""
    show_error(error, "the portal")
    return True
