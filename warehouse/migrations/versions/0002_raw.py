"""Raw tables of the canonical streams, the ledger of batches, the quarantine and the inbox of webhooks.

The text is frozen: it says what was created, whatever the contracts say later. A test compares the catalogue
that all migrations lead to with the contracts.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STREAMS = """
create table raw.capstan__vehicles (
    tenant_id integer not null,
    vehicle_id text not null,
    name text not null,
    kind text not null,
    currency_code text not null,
    target_amount numeric,
    hard_cap_amount numeric,
    vintage_year integer,
    opened_on date,
    first_close_on date,
    final_close_on date,
    closed_on date,
    status text not null,
    strategy text,
    benchmark_code text,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, vehicle_id, _superseded_at)
);

create table raw.capstan__investors (
    tenant_id integer not null,
    investor_id text not null,
    name text not null,
    firm text,
    email text,
    kind text,
    country_code text,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, investor_id, _superseded_at)
);

create table raw.capstan__holdings (
    tenant_id integer not null,
    holding_id text not null,
    vehicle_id text not null,
    name text not null,
    sector text,
    country_code text,
    invested_on date,
    status text,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, holding_id, _superseded_at)
);

create table raw.capstan__commitments (
    tenant_id integer not null,
    commitment_id text not null,
    vehicle_id text not null,
    investor_id text not null,
    amount numeric not null,
    currency_code text not null,
    status text not null,
    signed_on date,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, commitment_id, _superseded_at)
);

create table raw.capstan__transactions (
    tenant_id integer not null,
    transaction_id text not null,
    vehicle_id text not null,
    investor_id text,
    holding_id text,
    kind text not null,
    purpose text,
    amount numeric not null,
    currency_code text not null,
    effective_on date not null,
    due_on date,
    settled_on date,
    recallable boolean,
    outside_commitment boolean,
    description text,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, transaction_id, _superseded_at)
);

create table raw.capstan__valuations (
    tenant_id integer not null,
    vehicle_id text not null,
    investor_id text not null,
    holding_id text not null,
    as_of date not null,
    nav_amount numeric not null,
    currency_code text not null,
    basis text,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, vehicle_id, investor_id, holding_id, as_of, _superseded_at)
);

create table raw.capstan__stage_events (
    tenant_id integer not null,
    event_id text not null,
    vehicle_id text not null,
    investor_id text not null,
    from_stage text,
    to_stage text not null,
    amount numeric,
    currency_code text,
    occurred_at timestamp with time zone not null,
    actor text,
    reason text,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, event_id, _superseded_at)
);

create table raw.capstan__deal_rooms (
    tenant_id integer not null,
    room_id text not null,
    vehicle_id text not null,
    name text not null,
    opened_on date,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, room_id, _superseded_at)
);

create table raw.capstan__documents (
    tenant_id integer not null,
    document_id text not null,
    room_id text not null,
    name text not null,
    type text not null,
    pages integer,
    uploaded_at timestamp with time zone not null,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, document_id, _superseded_at)
);

create table raw.capstan__views (
    tenant_id integer not null,
    view_id text not null,
    document_id text not null,
    investor_id text,
    viewer_email text,
    started_at timestamp with time zone not null,
    duration_seconds numeric not null,
    page_seconds jsonb,
    downloaded boolean,
    user_agent text,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, view_id, _superseded_at)
);

create table raw.capstan__communications (
    tenant_id integer not null,
    communication_id text not null,
    vehicle_id text not null,
    investor_id text not null,
    channel text not null,
    direction text,
    occurred_at timestamp with time zone not null,
    subject text,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, communication_id, _superseded_at)
);

create table raw.capstan__payments (
    tenant_id integer not null,
    payment_id text not null,
    commitment_id text not null,
    amount numeric not null,
    currency_code text not null,
    status text not null,
    attempted_at timestamp with time zone not null,
    attempt integer,
    failure_reason text,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, payment_id, _superseded_at)
);

create table raw.capstan__fx_rates (
    tenant_id integer not null,
    base_currency_code text not null,
    quote_currency_code text not null,
    on_date date not null,
    rate numeric not null,
    source text not null,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, base_currency_code, quote_currency_code, on_date, _superseded_at)
);

create table raw.capstan__index_levels (
    tenant_id integer not null,
    index_code text not null,
    on_date date not null,
    level numeric not null,
    _source text not null,
    _batch_id text not null,
    _row_number bigint not null,
    _row_hash bytea not null,
    _loaded_at timestamp with time zone not null,
    _superseded_at timestamp with time zone not null default 'infinity',
    primary key (tenant_id, index_code, on_date, _superseded_at)
);

"""

LEDGER = """
create table raw.batch (
    tenant_id integer not null references control.tenant (tenant_id),
    batch_id text not null,
    batch_seq bigint not null,
    source text not null,
    stream text not null,
    file_name text not null,
    file_sha256 text not null,
    mapping_sha256 text not null default '',
    read_count bigint not null,
    accepted_count bigint not null,
    unchanged_count bigint not null,
    quarantined_count bigint not null,
    status text not null check (status in ('loaded', 'unchanged', 'rejected')),
    validation jsonb not null default '{}',
    started_at timestamp with time zone not null,
    finished_at timestamp with time zone not null,
    primary key (tenant_id, batch_id),
    unique (tenant_id, batch_seq),
    check (accepted_count + unchanged_count + quarantined_count = read_count)
);
create index batch_by_content on raw.batch (tenant_id, source, stream, file_sha256, mapping_sha256);

create table raw.quarantine (
    tenant_id integer not null references control.tenant (tenant_id),
    source text not null,
    stream text not null,
    file_sha256 text not null,
    mapping_sha256 text not null default '',
    row_number bigint not null,
    row_part integer not null default 1,
    batch_id text not null,
    file_name text not null,
    original text not null,
    reasons jsonb not null,
    row_key text,
    quarantined_at timestamp with time zone not null,
    resolved_by_batch_id text,
    primary key (tenant_id, source, stream, file_sha256, mapping_sha256, row_number, row_part)
);
create index quarantine_open_by_key on raw.quarantine (tenant_id, stream, row_key)
    where resolved_by_batch_id is null;

create table raw.webhook_event (
    tenant_id integer not null references control.tenant (tenant_id),
    source text not null,
    event_id text not null,
    event_type text not null,
    occurred_at timestamp with time zone,
    body text not null,
    body_sha256 text not null,
    received_at timestamp with time zone not null,
    status text not null default 'received' check (status in ('received', 'processed', 'failed', 'ignored')),
    attempts integer not null default 0,
    processed_at timestamp with time zone,
    last_error text,
    primary key (tenant_id, source, event_id)
);
create index webhook_event_waiting on raw.webhook_event (tenant_id, received_at) where status = 'received';
"""

GRANTS = """
grant usage on schema raw to loader, dbt_builder;
grant select, insert, update on all tables in schema raw to loader;
grant select on all tables in schema raw to dbt_builder;
"""


def upgrade() -> None:
    op.execute(STREAMS)
    op.execute(LEDGER)
    op.execute(GRANTS)


def downgrade() -> None:
    raise NotImplementedError("raw tables hold what sources sent; they are dropped with the database only")
