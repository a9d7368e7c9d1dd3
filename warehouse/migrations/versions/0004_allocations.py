"""Amounts on the lines of the ILPA templates; of transactions the line inside a kind and the draw repaid."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STREAMS = """
alter table raw.capstan__transactions add column category text, add column facility_drawn_on date;

create table raw.capstan__allocations (
    tenant_id integer not null,
    allocation_id text not null,
    vehicle_id text not null,
    investor_id text,
    line text not null,
    amount numeric not null,
    currency_code text not null,
    effective_on date not null,
    offset_rate numeric,
    description text,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, allocation_id, _superseded_at)
);
"""

GRANTS = """
grant select, insert, update on raw.capstan__allocations to loader;
grant select on raw.capstan__allocations to dbt_builder;
"""


def upgrade() -> None:
    op.execute(STREAMS)
    op.execute(GRANTS)


def downgrade() -> None:
    raise NotImplementedError("raw tables hold what sources sent; they are dropped with the database only")
