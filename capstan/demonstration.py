"""Sets up the demo world: the same steps that a person would take by hand, in order, each of them repeatable.

What the world holds is in `capstan/demo`; serving it is `serving.py`. A second run finds everything done and
changes no row; a run that was cut off is completed by the next one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from capstan.demo.passwords import add_people, password_of
from capstan.demo.people import PEOPLE
from capstan.demo.world import PERIOD, DemoTenant, demo_world
from capstan.errors import CapstanError
from capstan.terminal import step
from ingestion.landing import content_digest
from ingestion.loading import CANONICAL, ingest
from ingestion.results import BatchResult
from reporting.mail.delivery import deliver_due
from reporting.mail.outbox import queue_report, set_schedule
from warehouse.batches import loader_transaction
from warehouse.database import Database
from warehouse.tenants import PLATFORM_SLUG, add_tenant, get_tenant, list_tenants

REPORT = "lp-statement"


@dataclass(frozen=True)
class Outcome:
    """What a run of the demo did. Counts of a run that found everything done are zero."""

    tenants_added: int
    people_added: int
    batches: tuple[BatchResult, ...]
    refreshed: tuple[str, ...]
    reports_sent: int


@dataclass(frozen=True)
class SignIn:
    """One line of the table of who may sign in."""

    tenant: str
    role: str
    name: str
    email: str
    password: str


def set_up(database: Database, *, quiet: bool = False) -> Outcome:
    """Tenants, people, files, marts, reports. Raises the errors of the packages that do the work."""
    with step("Adding three tenants and their people", quiet):
        added = _add_tenants(database)
        people = add_people(database)
    batches: list[BatchResult] = []
    for world in demo_world():
        with step(f"Loading the files of {world.name}", quiet):
            batches += _load(database, world)
    with step("Computing the marts", quiet):
        refreshed = _refresh(database)
    with step(f"Rendering and delivering the statements of {PERIOD}", quiet):
        sent = _send_statements(database)
    return Outcome(added, people, tuple(batches), tuple(refreshed), sent)


def sign_ins(database: Database) -> list[SignIn]:
    """Who may sign in, with the passwords that the demo made."""
    rows = []
    for person in PEOPLE:
        password = password_of(database.secrets_dir, person.email)
        if password is None:
            raise CapstanError(
                f"the password of {person.email} is not in {database.secrets_dir}; run the demo again"
            )
        rows.append(SignIn(person.tenant, person.role, person.display_name, person.email, password))
    return rows


def folder_of(database: Database, slug: str) -> Path:
    """Where the demo writes a tenant's files."""
    return database.home / "demo" / slug


def _add_tenants(database: Database) -> int:
    known = {tenant.slug for tenant in list_tenants(database)} | {PLATFORM_SLUG}
    missing = [world for world in demo_world() if world.slug not in known]
    for world in missing:
        add_tenant(
            database,
            world.slug,
            name=world.name,
            kind=world.kind,
            currency_code=world.currency_code,
            timezone=world.timezone,
            brand_colour=world.brand_colour,
        )
    return len(missing)


def _load(database: Database, world: DemoTenant) -> list[BatchResult]:
    """Loads the files not loaded before: the first delivery again would undo the later corrections."""
    folder = folder_of(database, world.slug)
    results: list[BatchResult] = []
    for delivery in ("first", "later"):
        paths = [file.write(folder) for file in world.files if file.delivery == delivery]
        missing = _not_loaded(database, world.slug, paths)
        if missing:
            results += ingest(database, world.slug, CANONICAL, missing)
    return results


def _not_loaded(database: Database, slug: str, paths: Sequence[Path]) -> list[Path]:
    with loader_transaction(database, get_tenant(database, slug)) as connection:
        rows = connection.execute(
            "select stream, file_sha256 from raw.batch where source = %s and status <> 'rejected'",
            (CANONICAL,),
        ).fetchall()
    loaded = set(rows)
    return [path for path in paths if (path.stem, content_digest(path.read_bytes())) not in loaded]


def _refresh(database: Database) -> list[str]:
    # Imported here: dbt takes a second to load, and setting up says so under its own step.
    from orchestration.lib import dbt_runner

    return dbt_runner.refresh(database, None)


def _send_statements(database: Database) -> int:
    """Owes the quarter's statement to every LP and delivers it; sent ones are not sent again."""
    for world in demo_world():
        if world.kind == "manager":
            set_schedule(database, world.slug, REPORT)
            queue_report(database, world.slug, REPORT, PERIOD)
    return deliver_due(database).sent
