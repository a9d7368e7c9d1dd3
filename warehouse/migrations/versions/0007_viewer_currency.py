"""The currency that a person wants an organisation's figures told in."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = """
create table control.viewer_currency (
    tenant_id integer not null,
    user_id bigint not null,
    currency_code text not null check (currency_code ~ '^[A-Z]{3}$'),
    chosen_at timestamptz not null default now(),
    asked_at timestamptz,
    primary key (tenant_id, user_id),
    foreign key (tenant_id, user_id) references control.membership on delete cascade
);
comment on table control.viewer_currency is
    'What a person wants totals of an organisation told in. asked_at: when no mart told it; null: one did.';
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("grant select, insert, update, delete on control.viewer_currency to control_app")


def downgrade() -> None:
    op.execute("drop table control.viewer_currency")
