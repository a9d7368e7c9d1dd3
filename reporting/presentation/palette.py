"""The one palette of screen, mail and PDF: neutral inks, fixed meanings, a tenant's accent made readable.

Colours only. What is drawn with them is in `figures.py` (screen) and `charts_svg.py` (print).
"""

import re
from dataclasses import dataclass

INK = "#1a1d21"
MUTED = "#646973"
FAINT = "#9a9da3"
RULE = "#e6e3dc"
RULE_STRONG = "#cfcbc1"
PAPER = "#faf9f6"
WHITE = "#ffffff"
GOOD = "#2f6b4f"
BAD = "#9a3b2e"
WARN = "#8a6116"
CLAY = "#b8795a"
SAND = "#cdb894"
SLATE = "#5d7186"

DEFAULT_ACCENT = "#1f3a34"
TEXT_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: the least contrast of text with its background."""

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Palette:
    """The colours that figures and pages of one tenant are drawn in, all `#rrggbb`."""

    accent: str = DEFAULT_ACCENT
    """Readable as text on white (contrast of at least 4.5) and under white text."""
    accent_mid: str = "#7a8b87"
    accent_soft: str = "#d9dfdd"

    @property
    def nav(self) -> str:
        """What is still held."""
        return self.accent

    @property
    def distributions(self) -> str:
        """Cash that came back."""
        return self.accent_mid

    @property
    def contributions(self) -> str:
        """Cash that was paid in."""
        return CLAY

    @property
    def series(self) -> tuple[str, ...]:
        """Colours of series without a meaning of their own, in the order of their use."""
        return (self.accent, CLAY, SLATE, SAND, self.accent_mid, FAINT)


def named_colours(palette: Palette) -> dict[str, str]:
    """Every colour of pages, mail and PDF by name: the neutral inks and the tenant's own accent."""
    return {
        "ink": INK,
        "muted": MUTED,
        "faint": FAINT,
        "rule": RULE,
        "rule_strong": RULE_STRONG,
        "paper": PAPER,
        "white": WHITE,
        "good": GOOD,
        "bad": BAD,
        "warn": WARN,
        "accent": palette.accent,
        "accent_mid": palette.accent_mid,
        "accent_soft": palette.accent_soft,
    }


def css_variables(palette: Palette) -> str:
    """The same as CSS custom properties: `--ink:#1a1d21;--rule-strong:#cfcbc1;…`."""
    return ";".join(f"--{name.replace('_', '-')}:{colour}" for name, colour in named_colours(palette).items())


def palette_for(brand_colour: str | None) -> Palette:
    """A tenant's palette from its brand colour; a missing or malformed one gives the house palette.

    The colour comes from a tenant's settings, so nothing but six hexadecimal digits is let through.
    """
    accent = accent_for(brand_colour)
    return Palette(accent=accent, accent_mid=mix(accent, WHITE, 0.42), accent_soft=mix(accent, WHITE, 0.84))


def accent_for(brand_colour: str | None) -> str:
    """The colour as lower-case `#rrggbb`, darkened as far as needed to be read as text on white."""
    if not brand_colour or not _HEX.fullmatch(brand_colour):
        return DEFAULT_ACCENT
    colour = brand_colour.lower()
    while contrast(colour, WHITE) < TEXT_CONTRAST:
        colour = mix(colour, "#000000", 0.06)
    return colour


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two colours, 1 (none) to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """`colour` with `share` (0 to 1) of `other` in it."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#{:02x}{:02x}{:02x}".format(*(round(a + (b - a) * share) for a, b in pairs))


def with_alpha(colour: str, alpha: float) -> str:
    """The colour as `rgba(…)` with this opacity."""
    red, green, blue = _channels(colour)
    return f"rgba({red},{green},{blue},{alpha:g})"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
