-- The audit log: append-only, one hash chain a tenant (so that tenants do not queue on one lock). The actor and the tenant
-- come from the verified token, never from the application. Core functions only.
-- Run by the installer after 30_hardening.sql; safe to run again.

create schema if not exists audit;
alter schema audit owner to audit_owner;
revoke all on schema audit from public;
grant usage on schema audit to gp_reader, lp_reader, loader;

create table if not exists audit.head (
  tenant_id int primary key,
  seq       bigint not null,
  hash      bytea not null
);
create table if not exists audit.event (
  tenant_id int not null,
  seq       bigint not null,
  at        timestamptz not null,
  actor     text not null,               -- user id of the token; '0' is the loader
  action    text not null,
  object    text not null,
  detail    jsonb not null,
  prev      bytea not null,
  hash      bytea not null,
  primary key (tenant_id, seq)
);
alter table audit.head owner to audit_owner;
alter table audit.event owner to audit_owner;
revoke all on all tables in schema audit from public;

-- Every field is length-prefixed: no two records have the same byte string. Time is integer microseconds, so that neither
-- TimeZone nor DateStyle matters.
create or replace function audit.digest(
  t int, s bigint, at timestamptz, actor text, action text, object text, detail jsonb, prev bytea) returns bytea
language sql immutable parallel safe set search_path = pg_catalog, pg_temp as $$
  select sha256(prev || convert_to((
    select string_agg(length(f) || ':' || f, ',' order by o)
      from unnest(array[t::text, s::text, (extract(epoch from at) * 1000000)::numeric(30, 0)::text,
                        actor, action, object, detail::text]) with ordinality u(f, o)), 'UTF8')) $$;

create or replace function audit.append(p_action text, p_object text, p_detail jsonb default '{}') returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  c authn.claims := authn.verify(current_setting('app.token', true));
  h audit.head; n bigint; d bytea; ts timestamptz;
begin
  if p_action !~ '^[a-z_.]{1,60}$' or p_object is null or length(p_object) > 1000 or length(p_detail::text) > 20000 then
    raise exception using errcode = '22023',
      message = 'audit: an action is a lower-case name, an object at most 1000 characters, the detail at most 20000';
  end if;
  insert into audit.head values (c.tenant_id, 0, sha256(convert_to('genesis:' || c.tenant_id, 'UTF8'))) on conflict do nothing;
  select * into h from audit.head where tenant_id = c.tenant_id for update;
  n := h.seq + 1;
  ts := clock_timestamp();               -- after the lock: the order of the chain is the order of time
  d := audit.digest(c.tenant_id, n, ts, c.user_id, p_action, p_object, coalesce(p_detail, '{}'), h.hash);
  insert into audit.event values (c.tenant_id, n, ts, c.user_id, p_action, p_object, coalesce(p_detail, '{}'), h.hash, d);
  update audit.head set seq = n, hash = d where tenant_id = c.tenant_id;
  return n;
end $$;

create or replace function audit.forbid() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception using errcode = '42501', message = 'the audit log is append-only';
end $$;
-- ALWAYS: they fire under session_replication_role = replica too.
create or replace trigger no_change before update or delete on audit.event for each row execute function audit.forbid();
create or replace trigger no_truncate before truncate on audit.event for each statement execute function audit.forbid();
alter table audit.event enable always trigger no_change;
alter table audit.event enable always trigger no_truncate;

-- What is wrong with a tenant's chain; no row = intact. Cutting off the end together with the head is found only with an
-- anchor: a sequence number and hash that were kept elsewhere.
create or replace function audit.verify_chain(t int, anchor_seq bigint default null, anchor_hash bytea default null)
returns table (bad_seq bigint, why text)
language sql stable set search_path = pg_catalog, pg_temp as $$
  with e as (
    select *, lag(hash) over w as before_hash, lag(seq) over w as before_seq,
           audit.digest(tenant_id, seq, at, actor, action, object, detail, prev) as computed
      from audit.event where tenant_id = t window w as (order by seq)),
  last as (select seq, hash from audit.event where tenant_id = t order by seq desc limit 1)
  select seq, 'content changed' from e where computed <> hash
  union all select seq, 'chain broken' from e where prev <> coalesce(before_hash, sha256(convert_to('genesis:' || t, 'UTF8')))
  union all select seq, 'gap' from e where seq <> coalesce(before_seq, 0) + 1
  union all select h.seq, 'head does not match the last event' from audit.head h left join last on true
             where h.tenant_id = t and (last.seq is distinct from h.seq or last.hash is distinct from h.hash)
  union all select last.seq, 'head is missing' from last where not exists (select 1 from audit.head h where h.tenant_id = t)
  union all select anchor_seq, 'the anchor is not in the chain'
             where anchor_seq is not null
               and not exists (select 1 from audit.event x where x.tenant_id = t and x.seq = anchor_seq and x.hash = anchor_hash) $$;

do $$
declare f regprocedure; r record;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'audit'::regnamespace loop
    execute format('alter function %s owner to audit_owner', f);
    execute format('revoke all on function %s from public', f);
  end loop;
  for r in select rolname from guard.reader_role loop
    execute format('grant usage on schema audit to %I', r.rolname);
    execute format('grant execute on function audit.append(text, text, jsonb) to %I', r.rolname);
  end loop;
end $$;
grant execute on function audit.append(text, text, jsonb) to loader;
grant usage on schema authn to audit_owner;
