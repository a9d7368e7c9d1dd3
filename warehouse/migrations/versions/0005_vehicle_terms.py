"""Terms of a vehicle's agreement: management fee, carried interest, life."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STREAM = """
create table raw.capstan__vehicle_terms (
    tenant_id integer not null,
    vehicle_id text not null,
    management_fee_rate numeric,
    management_fee_base text,
    fee_starts_on date,
    fee_step_down_on date,
    fee_rate_after numeric,
    fee_base_after text,
    carry_rate numeric,
    hurdle_rate numeric,
    hurdle_compounding text,
    catch_up_rate numeric,
    waterfall text,
    day_count text,
    life_years integer,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, vehicle_id, _superseded_at)
);
"""

GRANTS = """
grant select, insert, update on raw.capstan__vehicle_terms to loader;
grant select on raw.capstan__vehicle_terms to dbt_builder;
"""


def upgrade() -> None:
    op.execute(STREAM)
    op.execute(GRANTS)


def downgrade() -> None:
    raise NotImplementedError("raw tables hold what sources sent; they are dropped with the database only")
