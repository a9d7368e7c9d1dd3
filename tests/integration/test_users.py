"""People and sign-in: access by tenant, one answer to every refusal, throttling, codes, sessions."""

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from warehouse import passwords, roles, users
from warehouse.database import Database
from warehouse.errors import InvalidUser, SignInRefused, TenantNotFound, UserNotFound
from warehouse.tenants import add_tenant

PASSWORD = "a long enough password"


@pytest.fixture
def tenants(database: Database) -> None:
    add_tenant(database, "alder", name="Alder Capital", kind="manager", currency_code="EUR")
    add_tenant(database, "birch", name="Birch Partners", kind="manager", currency_code="USD")


def add_lp(database: Database, tenant: str = "alder", *investors: str) -> users.NewUser:
    return users.add_user(
        database,
        "lp@example.com",
        tenant=tenant,
        role="lp",
        investor_ids=investors or ("inv-1",),
        password=PASSWORD,
    )


@pytest.mark.usefixtures("tenants")
def test_a_person_signs_in_and_sees_one_viewer_a_tenant_with_the_investors_of_that_tenant(
    database: Database,
) -> None:
    add_lp(database, "alder", "inv-2", "inv-1")
    second = users.add_user(database, "LP@example.com ", tenant="birch", role="founder", password="x" * 12)
    assert second.initial_password is None, "someone who exists keeps the password"

    session = users.signed_in(database, users.sign_in(database, "Lp@Example.com", PASSWORD))

    assert session is not None
    assert [(v.tenant_slug, v.role, v.investor_ids) for v in session.viewers] == [
        ("alder", "lp", ("inv-1", "inv-2")),
        ("birch", "founder", ()),
    ]
    assert session.user.display_name == "Lp"


@pytest.mark.usefixtures("tenants")
def test_adding_a_person_again_replaces_role_and_investors_in_that_tenant_only(database: Database) -> None:
    add_lp(database, "alder", "inv-1", "inv-2")
    add_lp(database, "birch", "inv-1")
    add_lp(database, "alder", "inv-3")

    assert [(u.tenant_slug, u.investor_ids) for u in users.list_users(database)] == [
        ("alder", ("inv-3",)),
        ("birch", ("inv-1",)),
    ]
    users.add_user(database, "lp@example.com", tenant="alder", role="analyst")
    assert [(u.role, u.investor_ids) for u in users.list_users(database, "alder")] == [("analyst", ())]


@pytest.mark.usefixtures("tenants")
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"email": "anna@example.com, evil@example.com"}, "one plain e-mail address"),
        ({"email": "anna@example.com\nBcc: x@y.z"}, "one plain e-mail address"),
        ({"email": "anna"}, "one plain e-mail address"),
        ({"role": "admin"}, "founder, manager, lp, analyst, operator"),
        ({"role": "lp"}, "at least one"),
        ({"investor_ids": ("inv-1",)}, "for an lp only"),
        ({"role": "lp", "investor_ids": (" ",)}, "blank"),
        ({"password": "short"}, "10"),
        ({"tenant": "platform"}, "reference data"),
    ],
)
def test_access_that_makes_no_sense_is_refused_with_what_is_allowed(
    database: Database, change: dict[str, object], named: str
) -> None:
    values: dict[str, object] = {"email": "anna@example.com", "tenant": "alder", "role": "founder"} | change
    with pytest.raises(InvalidUser, match=named):
        users.add_user(database, values.pop("email"), **values)  # type: ignore[arg-type]
    assert users.list_users(database) == []


def test_a_person_cannot_be_added_to_a_tenant_that_does_not_exist(database: Database) -> None:
    with pytest.raises(TenantNotFound):
        users.add_user(database, "anna@example.com", tenant="nowhere", role="founder")
    with pytest.raises(UserNotFound):
        users.disable_user(database, "anna@example.com")


@pytest.mark.usefixtures("tenants")
def test_every_refusal_reads_the_same_whether_the_person_exists_or_not(database: Database) -> None:
    add_lp(database)
    users.add_user(database, "off@example.com", tenant="alder", role="founder", password=PASSWORD)
    users.disable_user(database, "off@example.com")
    messages = set()
    for email, password in [
        ("lp@example.com", "wrong"),
        ("nobody@example.com", "wrong"),
        ("off@example.com", PASSWORD),
        ("' or true --", PASSWORD),
    ]:
        with pytest.raises(SignInRefused) as refused:
            users.sign_in(database, email, password)
        messages.add(str(refused.value))
    assert messages == {users.REFUSED}


@pytest.mark.usefixtures("tenants")
def test_an_unknown_address_costs_a_password_check_like_a_known_one(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_lp(database)
    checked: list[bool] = []
    real = passwords.password_matches
    monkeypatch.setattr(users, "password_matches", lambda h, p: checked.append(h is None) or real(h, p))
    for email in ("lp@example.com", "nobody@example.com"):
        with pytest.raises(SignInRefused):
            users.sign_in(database, email, "wrong")
    assert checked == [False, True]
    assert passwords.password_matches(None, "anything") is False


@pytest.mark.usefixtures("tenants")
def test_after_five_failures_even_the_right_password_waits_until_the_window_is_over(
    database: Database,
) -> None:
    add_lp(database)

    def guess(_: int) -> str:
        with pytest.raises(SignInRefused) as refused:
            users.sign_in(database, "lp@example.com", "wrong")
        return str(refused.value)

    with ThreadPoolExecutor(4) as pool:  # at once: counting before checking gives no extra guesses
        answers = list(pool.map(guess, range(7)))
    assert answers.count(users.REFUSED) == users.ATTEMPTS

    with pytest.raises(SignInRefused, match="Too many"):
        users.sign_in(database, "lp@example.com", PASSWORD)
    with database.connect(roles.CONTROL_APP) as connection:
        connection.execute(
            "update control.sign_in_throttle set first_failed_at = first_failed_at - interval '16 minutes'"
        )
    assert users.sign_in(database, "lp@example.com", PASSWORD)


@pytest.mark.usefixtures("tenants")
def test_a_session_ends_by_sign_out_by_disabling_by_a_new_password_and_by_time(database: Database) -> None:
    add_lp(database)

    def opened() -> str:
        token = users.sign_in(database, "lp@example.com", PASSWORD)
        assert users.signed_in(database, token) is not None
        return token

    token = opened()
    users.sign_out(database, token)
    assert users.signed_in(database, token) is None

    token = opened()
    users.disable_user(database, "lp@example.com")
    assert users.signed_in(database, token) is None
    users.enable_user(database, "lp@example.com")
    assert users.signed_in(database, token) is None, "the old session does not come back"

    token = opened()
    users.set_password(database, "lp@example.com", PASSWORD)
    assert users.signed_in(database, token) is None

    token = opened()
    with database.connect(roles.CONTROL_APP) as connection:
        connection.execute("update control.web_session set expires_at = now() - interval '1 second'")
    assert users.signed_in(database, token) is None
    assert users.signed_in(database, "forged") is None


@pytest.mark.usefixtures("tenants")
def test_neither_password_nor_session_token_is_stored(database: Database) -> None:
    added = users.add_user(database, "anna@example.com", tenant="alder", role="founder")
    assert added.initial_password is not None
    token = users.sign_in(database, "anna@example.com", added.initial_password)
    with database.connect(roles.ADMIN) as connection:
        stored = str(
            connection.execute(
                "select u::text, w::text from control.app_user u, control.web_session w"
            ).fetchall()
        )
    assert "argon2id" in stored
    assert added.initial_password not in stored
    assert token not in stored


@pytest.mark.usefixtures("tenants")
def test_with_a_second_factor_a_code_is_needed_and_counts_once(database: Database) -> None:
    add_lp(database)
    code = pyotp.parse_uri(users.require_totp(database, "lp@example.com")).now()  # type: ignore[union-attr]

    for wrong in (None, "", "000000" if code != "000000" else "111111"):
        with pytest.raises(SignInRefused):
            users.sign_in(database, "lp@example.com", PASSWORD, totp=wrong)
    assert users.sign_in(database, "lp@example.com", PASSWORD, totp=code)
    with pytest.raises(SignInRefused):
        users.sign_in(database, "lp@example.com", PASSWORD, totp=code)
    users.remove_totp(database, "lp@example.com")
    assert users.sign_in(database, "lp@example.com", PASSWORD)


def test_a_code_of_the_neighbouring_half_minute_is_accepted_and_an_older_one_is_not() -> None:
    secret = passwords.new_totp_secret()
    code = pyotp.TOTP(secret).at(1_000_000_000)
    assert passwords.totp_step(secret, code, after=None, at=1_000_000_020) is not None
    assert passwords.totp_step(secret, code, after=None, at=1_000_000_090) is None
