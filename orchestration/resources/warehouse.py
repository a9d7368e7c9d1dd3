"""The warehouse as a Dagster resource: opened when first asked for, never while definitions load."""

from collections.abc import Callable
from functools import cached_property

from warehouse.database import Database, open_database


class Warehouse:
    """Holds the database of this process. Tests hand over one of their own."""

    def __init__(self, opener: Callable[[], Database] = open_database) -> None:
        self._opener = opener

    @cached_property
    def database(self) -> Database:
        """The opened, migrated database of `CAPSTAN_HOME` or `DATABASE_URL`."""
        return self._opener()
