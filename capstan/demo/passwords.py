"""Passwords of the demo's people: made once, kept as files that only the owner of the home may read."""

from collections.abc import Callable
from pathlib import Path

from capstan.demo.people import PEOPLE
from warehouse.database import Database
from warehouse.passwords import new_password
from warehouse.secret_files import read_secret, write_secret
from warehouse.users import add_user, list_users, set_password


def secret_name(email: str) -> str:
    """The name of the file under `CAPSTAN_HOME/secrets`."""
    return f"demo-{email.replace('@', '-at-')}"


def password_of(secrets_dir: Path, email: str) -> str | None:
    """The password that the demo gave this person, if it did."""
    return read_secret(secrets_dir, secret_name(email))


def add_people(database: Database, progress: Callable[[str], None] | None = None) -> int:
    """Gives everybody of the demo their access; who has it already is left alone. Returns how many were new.

    A person whose password file is lost gets a new password.
    """
    known = {(row.email, row.tenant_slug): row for row in list_users(database)}
    added = 0
    for person in PEOPLE:
        row = known.get((person.email, person.tenant))
        password = password_of(database.secrets_dir, person.email)
        if row is not None and password is not None:
            continue
        chosen = password or new_password()
        if row is None:
            made = add_user(
                database,
                person.email,
                tenant=person.tenant,
                role=person.role,
                investor_ids=person.investor_ids,
                display_name=person.display_name,
                password=chosen,
            )
            added += 1
            if made.initial_password is None and password is None:
                set_password(database, person.email, chosen)
        elif password is None:
            set_password(database, person.email, chosen)
        write_secret(database.secrets_dir, secret_name(person.email), chosen)
        if progress:
            progress(f"{person.email} of {person.tenant}")
    return added
