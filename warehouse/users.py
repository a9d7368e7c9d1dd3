"""People: who exists, which tenants and investors they may see, and whether they are signed in.

What a person may read is enforced by Postgres, not here: the rows of `control.membership` and
`control.investor_access` written here are what its tokens are issued from. Cookies belong to the portal.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import psycopg

from warehouse import audit, roles
from warehouse.database import Database
from warehouse.errors import AccessDenied, InvalidUser, SignInRefused, UserNotFound
from warehouse.passwords import (
    MINIMUM_LENGTH,
    hash_password,
    needs_rehash,
    new_password,
    new_totp_secret,
    password_matches,
    totp_step,
    totp_uri,
)
from warehouse.sessions import Sessions, Viewer
from warehouse.tenants import get_tenant

USER_ROLES = ("founder", "manager", "lp", "analyst", "operator")
SESSION_LIFETIME = timedelta(hours=12)
ATTEMPTS = 5
"""Failed sign-ins that one address may have in a window, before it has to wait for the window's end."""
ATTEMPT_WINDOW = timedelta(minutes=15)

REFUSED = "The e-mail address, the password or the code is not right, or the account is not active."
THROTTLED = (
    "Too many failed sign-ins for this address. Wait 15 minutes, or ask the operator for a new password."
)

EMAIL = re.compile(r"[^@\s,;<>\"\x00-\x1f\x7f]+@[^@\s,;<>\"\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class UserRow:
    """One person's access to one tenant. `investor_ids` is empty except for an LP."""

    user_id: int
    email: str
    display_name: str
    tenant_slug: str
    role: str
    investor_ids: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True)
class NewUser:
    """A person who was given access; the initial password is known only now, and None if they existed."""

    user: UserRow
    initial_password: str | None


@dataclass(frozen=True)
class Person:
    """A person, whatever tenants they see."""

    user_id: int
    email: str
    display_name: str


@dataclass(frozen=True)
class SignedIn:
    """A person with a living session, and a viewer for each tenant that they may see, by tenant name."""

    user: Person
    viewers: tuple[Viewer, ...]


def add_user(
    database: Database,
    email: str,
    *,
    tenant: str,
    role: str,
    investor_ids: Iterable[str] = (),
    display_name: str | None = None,
    password: str | None = None,
) -> NewUser:
    """Give a person access to a tenant, creating the person where needed.

    For someone who exists, the role and investors in this tenant become those given; password, name and
    access to other tenants stay. Raises InvalidUser or TenantNotFound.
    """
    address = email.strip().lower()
    investors = tuple(sorted(set(investor_ids)))
    _validate(address, role, investors, password)
    tenant_id = get_tenant(database, tenant).tenant_id
    if tenant_id == 0:
        raise InvalidUser("nobody signs in to the tenant platform; it holds reference data only")
    initial = password or new_password()
    with database.connect(roles.CONTROL_APP) as connection:
        created = connection.execute(
            "insert into control.app_user (email, display_name, password_hash) values (%s, %s, %s) "
            "on conflict (email) do nothing returning user_id",
            (address, display_name or _name_from(address), hash_password(initial)),
        ).fetchone()
        connection.execute(
            "insert into control.membership (tenant_id, user_id, role) "
            "select %s, user_id, %s from control.app_user where email = %s "
            "on conflict (tenant_id, user_id) do update set role = excluded.role "
            "where membership.role <> excluded.role",
            (tenant_id, role, address),
        )
        connection.execute(
            "delete from control.investor_access a using control.app_user u "
            "where u.email = %s and a.user_id = u.user_id and a.tenant_id = %s "
            "and not a.investor_id = any(%s)",
            (address, tenant_id, list(investors)),
        )
        connection.execute(
            "insert into control.investor_access (tenant_id, user_id, investor_id) "
            "select %s, u.user_id, i from control.app_user u, unnest(%s::text[]) i where u.email = %s "
            "on conflict do nothing",
            (tenant_id, list(investors), address),
        )
        (user,) = _rows(connection, tenant=tenant, email=address)
    return NewUser(user=user, initial_password=initial if created else None)


def list_users(database: Database, tenant_slug: str | None = None) -> list[UserRow]:
    """Every person's access, of one tenant or of all, by tenant and e-mail."""
    if tenant_slug is not None:
        get_tenant(database, tenant_slug)
    with database.connect(roles.CONTROL_APP) as connection:
        return _rows(connection, tenant=tenant_slug, email=None)


def disable_user(database: Database, email: str) -> None:
    """End all of a person's sessions and keys, and refuse new ones. Raises UserNotFound."""
    with database.connect(roles.CONTROL_APP) as connection:
        user_id = _user_id(connection, email)
        connection.execute("update control.app_user set is_active = false where user_id = %s", (user_id,))
        revoke_sessions(connection, user_id)
        connection.execute(
            "update control.api_key set revoked_at = now() where user_id = %s and revoked_at is null",
            (user_id,),
        )


def enable_user(database: Database, email: str) -> None:
    """Let a disabled person sign in again; old sessions and keys stay ended. Raises UserNotFound."""
    with database.connect(roles.CONTROL_APP) as connection:
        user_id = _user_id(connection, email)
        connection.execute("update control.app_user set is_active = true where user_id = %s", (user_id,))


def set_password(database: Database, email: str, password: str | None = None) -> str:
    """Give a person a new password (a random one by default), end their sessions, and return it."""
    if password is not None:
        _validate_password(password)
    chosen = password or new_password()
    with database.connect(roles.CONTROL_APP) as connection:
        user_id = _user_id(connection, email)
        connection.execute(
            "update control.app_user set password_hash = %s where user_id = %s",
            (hash_password(chosen), user_id),
        )
        revoke_sessions(connection, user_id)
    return chosen


def require_totp(database: Database, email: str) -> str:
    """Ask this person for a code at each sign-in from now on; returns the URI for their authenticator."""
    secret = new_totp_secret()
    with database.connect(roles.CONTROL_APP) as connection:
        user_id = _user_id(connection, email)
        connection.execute(
            "update control.app_user set totp_secret = %s, totp_last_step = null where user_id = %s",
            (secret, user_id),
        )
        revoke_sessions(connection, user_id)
    return totp_uri(secret, email.strip().lower())


def remove_totp(database: Database, email: str) -> None:
    """Stop asking this person for a code, for instance when a telephone was lost. Raises UserNotFound."""
    with database.connect(roles.CONTROL_APP) as connection:
        user_id = _user_id(connection, email)
        connection.execute(
            "update control.app_user set totp_secret = null, totp_last_step = null where user_id = %s",
            (user_id,),
        )


def sign_in(database: Database, email: str, password: str, *, totp: str | None = None) -> str:
    """Check a person and open a session of 12 hours; returns the opaque token for the cookie.

    Raises SignInRefused, with the same words and after the same work for an unknown address as for a wrong
    password, and without looking at the password after five failures in 15 minutes.
    """
    address = email.strip().lower()
    throttle_key = hashlib.sha256(address.encode()).digest()
    with database.connect(roles.CONTROL_APP, autocommit=True) as connection:
        # Counted before the password is looked at, so that many attempts at once do not get more guesses.
        counted = connection.execute(
            """
            insert into control.sign_in_throttle as t (email_hash, failures, first_failed_at)
            values (%s, 1, now())
            on conflict (email_hash) do update set
                failures = case when t.first_failed_at < now() - %s then 1 else t.failures + 1 end,
                first_failed_at =
                    case when t.first_failed_at < now() - %s then now() else t.first_failed_at end
            returning failures
            """,
            (throttle_key, ATTEMPT_WINDOW, ATTEMPT_WINDOW),
        ).fetchone()
        if counted is None or counted[0] > ATTEMPTS:
            raise SignInRefused(THROTTLED)
        row = connection.execute(
            "select user_id, password_hash, is_active, totp_secret, totp_last_step "
            "from control.app_user where email = %s",
            (address,),
        ).fetchone()
        user_id, stored_hash, is_active, totp_secret, last_step = row or (None, None, False, None, None)
        step = totp_step(totp_secret, totp or "", after=last_step) if totp_secret else None
        if not password_matches(stored_hash, password) or not is_active or (totp_secret and step is None):
            raise SignInRefused(REFUSED)
        token = _open_session(connection, user_id, throttle_key, stored_hash, password, step)
    _record_sign_in(database, token)
    return token


def _record_sign_in(database: Database, token: str) -> None:
    """One event in the log of every tenant that this person may see."""
    person = signed_in(database, token)
    with Sessions(database) as sessions:
        for viewer in person.viewers if person else ():
            try:
                audit.record(database, viewer, audit.SIGNED_IN, "portal", sessions=sessions)
            except AccessDenied:  # an LP without investors: signed in, with nothing to see
                continue


def _open_session(
    connection: psycopg.Connection,
    user_id: int,
    throttle_key: bytes,
    stored_hash: str,
    password: str,
    totp_used: int | None,
) -> str:
    token = secrets.token_urlsafe(32)
    with connection.transaction():
        if totp_used is not None:
            used = connection.execute(
                "update control.app_user set totp_last_step = %s where user_id = %s "
                "and (totp_last_step is null or totp_last_step < %s)",
                (totp_used, user_id, totp_used),
            )
            if used.rowcount != 1:  # the same code was used by another request a moment ago
                raise SignInRefused(REFUSED)
        if needs_rehash(stored_hash):
            connection.execute(
                "update control.app_user set password_hash = %s where user_id = %s",
                (hash_password(password), user_id),
            )
        connection.execute(
            "delete from control.sign_in_throttle "
            "where email_hash = %s or first_failed_at < now() - interval '1 day'",
            (throttle_key,),
        )
        connection.execute("delete from control.web_session where expires_at < now() - interval '30 days'")
        connection.execute(
            "insert into control.web_session (session_hash, user_id, expires_at) values (%s, %s, now() + %s)",
            (_session_hash(token), user_id, SESSION_LIFETIME),
        )
    return token


def signed_in(database: Database, session_token: str) -> SignedIn | None:
    """Whose session this is and what they may see now; None if unknown, over, or its owner disabled."""
    with database.connect(roles.CONTROL_APP, autocommit=True) as connection:
        found = connection.execute(
            """
            select u.user_id, u.email, u.display_name, t.tenant_id, t.slug, t.name, m.role,
                   array(select a.investor_id from control.investor_access a
                         where a.tenant_id = m.tenant_id and a.user_id = m.user_id order by 1)
            from control.web_session s
            join control.app_user u using (user_id)
            left join (
                control.membership m
                join control.tenant t on t.tenant_id = m.tenant_id and t.status = 'active'
            ) on m.user_id = u.user_id
            where s.session_hash = %s and s.revoked_at is null and s.expires_at > now() and u.is_active
            order by t.name, t.slug
            """,
            (_session_hash(session_token),),
        ).fetchall()
    if not found:
        return None
    viewers = tuple(Viewer(*(*row[:7], tuple(row[7]))) for row in found if row[3] is not None)
    return SignedIn(user=Person(*found[0][:3]), viewers=viewers)


def sign_out(database: Database, session_token: str) -> None:
    """End this session for good; an unknown token is no error."""
    with database.connect(roles.CONTROL_APP) as connection:
        connection.execute(
            "update control.web_session set revoked_at = now() "
            "where session_hash = %s and revoked_at is null",
            (_session_hash(session_token),),
        )


def _session_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def revoke_sessions(connection: psycopg.Connection, user_id: int) -> None:
    """End all portal sessions of a person, within the caller's transaction."""
    connection.execute(
        "update control.web_session set revoked_at = now() where user_id = %s and revoked_at is null",
        (user_id,),
    )


def _user_id(connection: psycopg.Connection, email: str) -> int:
    row = connection.execute(
        "select user_id from control.app_user where email = %s", (email.strip().lower(),)
    ).fetchone()
    if row is None:
        raise UserNotFound(f"there is no user {email!r}; `capstan user list` shows those that exist")
    return int(row[0])


def _rows(connection: psycopg.Connection, *, tenant: str | None, email: str | None) -> list[UserRow]:
    found = connection.execute(
        """
        select u.user_id, u.email, u.display_name, t.slug, m.role,
               array(select a.investor_id from control.investor_access a
                     where a.tenant_id = m.tenant_id and a.user_id = m.user_id order by 1),
               u.is_active
        from control.membership m
        join control.tenant t using (tenant_id)
        join control.app_user u using (user_id)
        where (%(tenant)s::text is null or t.slug = %(tenant)s)
          and (%(email)s::text is null or u.email = %(email)s)
        order by t.slug, u.email
        """,
        {"tenant": tenant, "email": email},
    ).fetchall()
    return [UserRow(*(*row[:5], tuple(row[5]), row[6])) for row in found]


def _name_from(address: str) -> str:
    return (
        " ".join(part.capitalize() for part in re.split(r"[._+-]+", address.split("@")[0]) if part) or address
    )


def _validate(address: str, role: str, investors: tuple[str, ...], password: str | None) -> None:
    if not EMAIL.fullmatch(address) or len(address) > 254:
        raise InvalidUser(f"{address!r} is not one plain e-mail address such as anna@example.com")
    if role not in USER_ROLES:
        raise InvalidUser(f"the role {role!r} is not known; it is one of {', '.join(USER_ROLES)}")
    if role == "lp" and not investors:
        raise InvalidUser(
            "an lp sees the investors named and nothing else; name at least one (--investor ID)"
        )
    if role != "lp" and investors:
        raise InvalidUser(f"investors are named for an lp only; a {role} sees the whole tenant")
    if any(not investor.strip() for investor in investors):
        raise InvalidUser("an investor id must not be blank")
    if password is not None:
        _validate_password(password)


def _validate_password(password: str) -> None:
    if len(password) < MINIMUM_LENGTH:
        raise InvalidUser(
            f"the password has {len(password)} characters; at least {MINIMUM_LENGTH} are needed"
        )
