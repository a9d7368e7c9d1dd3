"""The exceptions of the warehouse package. Each message says what was tried and what to do next.

Nothing else belongs here; other packages keep their own base class.
"""


class WarehouseError(Exception):
    """The warehouse could not do what was asked; the message explains it to a person."""


class ServerError(WarehouseError):
    """The embedded Postgres could not be started, reached or stopped."""


class UnsupportedServer(WarehouseError):
    """`DATABASE_URL` names a server that Capstan refuses to run on."""


class SetUpError(WarehouseError):
    """The database could not be created, migrated or secured."""


class TenantNotFound(WarehouseError):
    """No tenant has this slug."""


class InvalidTenant(WarehouseError):
    """A tenant cannot be added with these values."""


class InvalidUser(WarehouseError):
    """A user cannot be added or changed with these values."""


class UserNotFound(WarehouseError):
    """No user has this e-mail address."""


class SignInRefused(WarehouseError):
    """E-mail, password or code is wrong, the account is disabled, or there were too many attempts.

    The message is the same for an unknown address and a wrong password.
    """


class AccessDenied(WarehouseError):
    """The tenant is unknown or this person may not see it; the message does not say which."""
