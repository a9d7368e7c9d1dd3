"""Which investor the investor's pages are about: the only one that the viewer may see, or the one chosen."""

from typing import Any

from dashboards import display, states
from dashboards.queries import portfolio
from dashboards.reading import read


def chosen_investor() -> dict[str, Any] | None:
    """The investor to show; None after the page has said that there is none yet."""
    found = read(portfolio.investors)
    if not found:
        states.show_nothing_yet(
            "No investor record yet",
            because="Your access is set up, but no record of you as an investor has been loaded so far.",
            next_step=(
                "It appears as soon as your manager loads its investor register. Nothing is needed from you."
            ),
        )
        return None
    chosen = display.choose(
        "Investor",
        found,
        key="investor",
        id_key="investor_id",
        name=lambda row: str(row["name"] or row["investor_id"]),
    )
    return next(row for row in found if row["investor_id"] == chosen)
