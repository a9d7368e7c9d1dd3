"""The portal's look: the style sheet sent with every page, in the tenant's own accent.

The rules are in assets/portal.css; colours come from `reporting.presentation.palette`, as in mail and PDF.
"""

from functools import cache
from pathlib import Path

import streamlit as st

from reporting.presentation.palette import Palette, css_variables

_ASSETS = Path(__file__).parent / "assets"


@cache
def _style_sheet() -> str:
    return "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in ("fonts.css", "portal.css"))


def use_theme(palette: Palette) -> None:
    """Send the style sheet with this accent; once a rerun, before anything else is drawn."""
    st.html(f"<style>:root{{{css_variables(palette)}}}\n{_style_sheet()}</style>")
