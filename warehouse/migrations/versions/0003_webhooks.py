"""Endpoints of webhooks, and the alarms of their inbox: an event id that came again with another body."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
create table control.webhook_endpoint (
    tenant_id integer not null references control.tenant,
    source text not null check (source ~ '^[a-z][a-z0-9_]{0,40}$'),
    path_hash bytea not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    primary key (tenant_id, source, path_hash)
);
create unique index on control.webhook_endpoint (path_hash);

create table raw.webhook_conflict (
    tenant_id integer not null references control.tenant,
    source text not null,
    event_id text not null,
    body_sha256 text not null,
    body text not null,
    received_at timestamptz not null,
    times integer not null default 1,
    primary key (tenant_id, source, event_id, body_sha256)
);
"""

GRANTS = """
grant select, insert, update on control.webhook_endpoint to control_app;
grant select, insert, update on raw.webhook_conflict to loader;
grant select on raw.webhook_conflict to dbt_builder;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(GRANTS)


def downgrade() -> None:
    op.execute("drop table raw.webhook_conflict; drop table control.webhook_endpoint")
