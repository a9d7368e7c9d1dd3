"""The portal's look: the tenant's colour made safe to read, and the style sheet sent with every page.

The rules themselves are in assets/portal.css; figures take their colours from `reporting.presentation.palette`.
"""

import re
from functools import cache
from pathlib import Path

import streamlit as st

_ASSETS = Path(__file__).parent / "assets"
DEFAULT_ACCENT = "#1f3a34"
_WHITE = (255, 255, 255)
_LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3: text on its background


def accent_for(brand_colour: str | None) -> str:
    """The tenant's colour as `#rrggbb`, darkened as far as needed to be read as text on white.

    A missing or malformed colour becomes the portal's own.
    """
    if not brand_colour or not re.fullmatch(r"#[0-9a-fA-F]{6}", brand_colour):
        return DEFAULT_ACCENT
    channels = _channels(brand_colour)
    while contrast(channels, _WHITE) < _LEAST_CONTRAST:
        channels = tuple(int(channel * 0.94) for channel in channels)
    return "#{:02x}{:02x}{:02x}".format(*channels)


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The WCAG contrast ratio of two colours, 1 (none) to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))


def _luminance(channels: tuple[int, ...]) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in channels)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@cache
def _style_sheet() -> str:
    return "\n".join((_ASSETS / name).read_text(encoding="utf-8") for name in ("fonts.css", "portal.css"))


def use_theme(accent: str) -> None:
    """Send the style sheet with this accent; once a rerun, before anything else is drawn."""
    st.html(f"<style>:root{{--accent:{accent}}}\n{_style_sheet()}</style>")
