"""`capstan up`: serve what is already there."""

import click

from capstan.cli import Context, pass_context


@click.command()
@pass_context
def up(context: Context) -> None:
    """Serve this home: database, Dagster, portal and API, all on 127.0.0.1; Ctrl-C stops all that it started.

    Ports can be chosen with CAPSTAN_PORTAL_PORT, CAPSTAN_API_PORT and CAPSTAN_DAGSTER_PORT.

    \b
    Example:
      capstan up
    """
    from capstan.serving import serve

    serve(context.database)
