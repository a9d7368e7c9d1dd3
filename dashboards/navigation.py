"""Which pages exist, what they are called and which roles they are for. No page decides this about itself."""

from dataclasses import dataclass
from pathlib import Path

_PAGES = Path(__file__).parent / "app_pages"


@dataclass(frozen=True)
class PortalPage:
    """A page: the file that describes it, its address, its name and the roles that may open it."""

    file: str
    url_path: str
    title: str
    roles: frozenset[str]

    @property
    def path(self) -> Path:
        """Where the page's script is."""
        return _PAGES / self.file


def _page(file: str, url_path: str, title: str, *roles: str) -> PortalPage:
    return PortalPage(file, url_path, title, frozenset(roles))


PAGES = (
    _page("founder/round.py", "round", "Round", "founder", "analyst"),
    _page("founder/pipeline.py", "pipeline", "Pipeline", "founder", "analyst"),
    _page("founder/deal_room.py", "deal-room", "Deal room", "founder", "analyst"),
    _page("manager/fund.py", "fund", "Fund", "manager", "analyst"),
    _page("manager/fund_accounts.py", "fund-accounts", "Fund accounts", "manager", "analyst"),
    _page("manager/track_record.py", "track-record", "Track record", "manager", "analyst"),
    _page("manager/investors.py", "investors", "Investors", "manager", "analyst"),
    _page("lp/portfolio.py", "portfolio", "Portfolio", "lp"),
    _page("lp/capital_account.py", "capital-account", "Capital account", "lp"),
    _page("lp/transactions.py", "transactions", "Transactions", "lp", "manager", "analyst"),
    _page("operator/data_health.py", "data", "Data", "operator", "analyst"),
    _page("analyst/sql.py", "sql", "SQL", "analyst"),
)
ROLES = {
    "founder": "Founder",
    "lp": "Investor",
    "manager": "Fund manager",
    "analyst": "Analyst",
    "operator": "Operator",
}


def pages_for(role: str, tenant_kind: str) -> list[PortalPage]:
    """The pages of a role, the one to open first at the head: for an analyst the tenant's own kind of
    page."""
    pages = [page for page in PAGES if role in page.roles]
    if role == "analyst" and tenant_kind == "manager":
        founder = {"round", "pipeline", "deal-room"}
        pages.sort(key=lambda page: page.url_path in founder)  # stable: the rest keeps its order
    return pages
