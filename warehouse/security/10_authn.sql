-- Who is asking: signing keys, tokens and their verification. Policies of 20_guard.sql call the functions at the end.
-- A token is `v1.<kid>.<tenant>.<user>.<investors>.<login role>.<expiry>.<backend pid | 0>.<hmac>`; investors are `*` (the whole
-- tenant) or hex of UTF-8 ids joined by `-`. HMAC-SHA-256 is built from the core sha256(): no extension is needed.
-- Run by the installer after the migrations, in one transaction; safe to run again.

create schema if not exists authn;
alter schema authn owner to authn_owner;
revoke all on schema authn from public;
grant usage on schema authn to gp_reader, lp_reader, loader, token_issuer, dbt_builder, guard_owner, audit_owner;

-- Only precomputed HMAC pads are kept. A key signs until a younger one exists, and verifies until not_after.
create table if not exists authn.signing_key (
  kid        int primary key,
  ipad       bytea not null check (length(ipad) = 64),
  opad       bytea not null check (length(opad) = 64),
  not_before timestamptz not null,
  not_after  timestamptz not null
);
alter table authn.signing_key owner to authn_owner;
revoke all on authn.signing_key from public;

-- Tenants of isolation mode `schema` have a served schema and login roles of their own; everybody else has these.
create table if not exists authn.served_schema (
  tenant_id   int primary key,
  schema_name name not null unique,
  gp_role     name not null unique,
  lp_role     name not null unique
);
alter table authn.served_schema owner to authn_owner;
revoke all on authn.served_schema from public;

do $$ begin
  if to_regtype('authn.claims') is null then
    create type authn.claims as (
      tenant_id int, user_id text, login_role text, all_investors boolean, investor_ids text[]);
  end if;
end $$;
alter type authn.claims owner to authn_owner;

create or replace function authn.xor_pad(k bytea, b int) returns bytea
language plpgsql immutable strict set search_path = pg_catalog, pg_temp as $$
declare r bytea := k;
begin
  if length(r) > 64 then r := sha256(r); end if;
  r := r || decode(repeat('00', 64 - length(r)), 'hex');
  for i in 0..63 loop r := set_byte(r, i, get_byte(r, i) # b); end loop;
  return r;
end $$;

create or replace function authn.add_key(p_secret bytea, p_lifetime interval) returns int
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare made int;
begin
  lock table authn.signing_key in share row exclusive mode;
  insert into authn.signing_key
  select coalesce(max(kid), 0) + 1, authn.xor_pad(p_secret, 54), authn.xor_pad(p_secret, 92),
         clock_timestamp(), clock_timestamp() + p_lifetime
    from authn.signing_key
  returning kid into made;
  return made;
end $$;

-- A new key signs from now on; the one before it verifies for p_grace more, so that no open page fails; older ones go.
create or replace function authn.rotate_key(p_grace interval default interval '15 minutes') returns int
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare newest int;
begin
  lock table authn.signing_key in share row exclusive mode;
  select max(kid) into newest from authn.signing_key;
  delete from authn.signing_key where kid < newest or not_after < clock_timestamp();
  update authn.signing_key set not_after = least(not_after, clock_timestamp() + p_grace);
  -- Two v4 UUIDs are 244 bits of the server's strong generator; random() is not one.
  return authn.add_key(decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'), interval '90 days');
end $$;

create or replace function authn.hmac_hex(k authn.signing_key, msg text) returns text
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select encode(sha256(k.opad || sha256(k.ipad || convert_to(msg, 'UTF8'))), 'hex') $$;

-- The MAC is checked before any field is read, and imperatively: in one SQL expression constant folding evaluates the
-- casts of an attacker's fields first. Hashes of the MACs are compared, so that timing says nothing.
create or replace function authn.verify(tok text) returns authn.claims
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare p text[]; ki bytea; ko bytea; c authn.claims;
begin
  if tok is null or tok = '' then
    raise exception using errcode = '28000', message = 'tenant context missing';
  end if;
  if length(tok) > 32768 then
    raise exception using errcode = '28000', message = 'tenant context invalid';
  end if;
  p := string_to_array(tok, '.');
  if cardinality(p) = 9 then
    select s.ipad, s.opad into ki, ko from authn.signing_key s
     where s.kid::text = p[2] and statement_timestamp() >= s.not_before and statement_timestamp() < s.not_after;
    if ki is not null
       and sha256(convert_to(encode(sha256(ko || sha256(ki || convert_to(left(tok, -65), 'UTF8'))), 'hex'), 'UTF8'))
         = sha256(convert_to(p[9], 'UTF8')) then
      if p[1] = 'v1' and p[6] = session_user
         and p[7]::bigint > extract(epoch from statement_timestamp())
         and p[8]::int in (0, pg_backend_pid()) then
        c.tenant_id := p[3]::int;
        c.user_id := p[4];
        c.login_role := p[6];
        c.all_investors := p[5] = '*';
        if not c.all_investors then
          select array_agg(convert_from(decode(h, 'hex'), 'UTF8')) into c.investor_ids
            from unnest(string_to_array(p[5], '-')) h;
        end if;
        return c;
      end if;
    end if;
  end if;
  raise exception using errcode = '28000', message = 'tenant context invalid';
end $$;

create or replace function authn.gp_tenant_id() returns int
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare c authn.claims := authn.verify(current_setting('app.token', true));
begin
  if c.all_investors is not true then
    raise exception using errcode = '28000', message = 'tenant context invalid';
  end if;
  return c.tenant_id;
end $$;

create or replace function authn.lp_tenant_id() returns int
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare c authn.claims := authn.verify(current_setting('app.token', true));
begin
  if c.all_investors is not false then
    raise exception using errcode = '28000', message = 'tenant context invalid';
  end if;
  return c.tenant_id;
end $$;

create or replace function authn.investor_ids() returns text[]
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare c authn.claims := authn.verify(current_setting('app.token', true));
begin
  if c.all_investors is not false then
    raise exception using errcode = '28000', message = 'tenant context invalid';
  end if;
  return c.investor_ids;
end $$;

create or replace function authn.loader_tenant_id() returns int
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare c authn.claims := authn.verify(current_setting('app.token', true));
begin
  if c.login_role <> 'loader' or c.all_investors is not true then
    raise exception using errcode = '28000', message = 'tenant context invalid';
  end if;
  return c.tenant_id;
end $$;

-- The user id of the token: the actor of the audit log.
create or replace function authn.viewer_id() returns text
language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp as $$
declare c authn.claims := authn.verify(current_setting('app.token', true));
begin
  return c.user_id;
end $$;

-- Signs claims that the callers below have looked up. Nobody who logs in may execute it.
create or replace function authn.mint(
  p_tenant int, p_user text, p_investors text[], p_login name, p_ttl interval, p_pid int) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare k authn.signing_key; msg text; investors text := '*';
begin
  if p_tenant is null or p_user is null or p_user !~ '^[0-9a-zA-Z-]+$' or p_login is null or p_login ~ '[^0-9a-z_]'
     or p_ttl is null or p_ttl <= interval '0' or p_pid is null or p_pid < 0 then
    raise exception using errcode = '22023', message = 'bad mint request';
  end if;
  if p_investors is not null then
    if cardinality(p_investors) not between 1 and 200 or array_position(p_investors, null) is not null
       or array_position(p_investors, '') is not null then
      raise exception using errcode = '22023', message = 'bad mint request';
    end if;
    select string_agg(encode(convert_to(i, 'UTF8'), 'hex'), '-') into investors from unnest(p_investors) i;
  end if;
  select * into k from authn.signing_key s
   where clock_timestamp() >= s.not_before and clock_timestamp() < s.not_after order by s.kid desc limit 1;
  if not found or k.not_before < clock_timestamp() - interval '30 days' then
    -- The key renews itself: no calendar entry can be forgotten.
    perform authn.rotate_key();
    select * into k from authn.signing_key s order by s.kid desc limit 1;
  end if;
  msg := format('v1.%s.%s.%s.%s.%s.%s.%s', k.kid, p_tenant, p_user, investors, p_login,
                floor(extract(epoch from clock_timestamp() + p_ttl))::bigint, p_pid);
  if length(msg) > 32000 then
    raise exception using errcode = '22023', message = 'too many investors for one session';
  end if;
  return msg || '.' || authn.hmac_hex(k, msg);
end $$;

-- The login role and the served schema that a person's session of a tenant has; refuses who has no access.
create or replace function authn.login_of(p_user_id bigint, p_tenant_id int)
returns table (login_role name, schema_name name)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare member_role text; isolation_mode text; s authn.served_schema;
begin
  select m.role, t.isolation into member_role, isolation_mode
    from control.membership m
    join control.app_user u on u.user_id = m.user_id and u.is_active
    join control.tenant t on t.tenant_id = m.tenant_id and t.status = 'active'
   where m.user_id = p_user_id and m.tenant_id = p_tenant_id;
  if not found then
    raise exception using errcode = '28000', message = 'access denied';
  end if;
  if isolation_mode = 'schema' then
    select * into s from authn.served_schema x where x.tenant_id = p_tenant_id;
    if not found then
      raise exception using errcode = '28000', message = 'the tenant''s own schema is not prepared';
    end if;
    return query select case member_role when 'lp' then s.lp_role else s.gp_role end, s.schema_name;
  else
    return query select (case member_role when 'lp' then 'lp_reader' else 'gp_reader' end)::name, 'marts'::name;
  end if;
end $$;

-- A token for one person, one tenant and one reader connection. Role and investors are looked up here, never taken
-- from the caller, so that a stolen issuer connection still cannot widen anybody's access.
create or replace function authn.issue(
  p_user_id bigint, p_tenant_id int, p_ttl interval default interval '5 minutes', p_backend_pid int default 0) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare login name; investors text[]; is_lp boolean;
begin
  if p_ttl > interval '15 minutes' then
    raise exception using errcode = '22023', message = 'a reader''s token lives 15 minutes at most';
  end if;
  select l.login_role into login from authn.login_of(p_user_id, p_tenant_id) l;
  select m.role = 'lp' into is_lp from control.membership m
   where m.user_id = p_user_id and m.tenant_id = p_tenant_id;
  if is_lp then
    select array_agg(a.investor_id order by a.investor_id) into investors
      from control.investor_access a where a.tenant_id = p_tenant_id and a.user_id = p_user_id;
    if investors is null then
      raise exception using errcode = '28000', message = 'access denied', detail = 'no investor is assigned to this person';
    end if;
  end if;
  return authn.mint(p_tenant_id, p_user_id::text, investors, login, p_ttl, p_backend_pid);
end $$;

-- A token for the loader: one tenant, one connection, an hour (loads outlast pages).
create or replace function authn.issue_loader(p_tenant_id int, p_backend_pid int) returns text
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  if p_backend_pid is null or p_backend_pid <= 0 then
    raise exception using errcode = '22023', message = 'a loader''s token is bound to its connection';
  end if;
  perform 1 from control.tenant t where t.tenant_id = p_tenant_id and t.status = 'active';
  if not found then
    raise exception using errcode = '28000', message = 'access denied';
  end if;
  return authn.mint(p_tenant_id, '0', null, 'loader', interval '1 hour', p_backend_pid);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'authn'::regnamespace loop
    execute format('alter function %s owner to authn_owner', f);
    execute format('revoke all on function %s from public', f);
  end loop;
end $$;
grant usage on schema control to authn_owner;
grant select on control.tenant, control.membership, control.investor_access to authn_owner;
grant select (user_id, is_active) on control.app_user to authn_owner;
grant execute on function authn.gp_tenant_id(), authn.viewer_id() to gp_reader;
grant execute on function authn.lp_tenant_id(), authn.investor_ids(), authn.viewer_id() to lp_reader;
grant execute on function authn.loader_tenant_id() to loader;
grant execute on function authn.login_of(bigint, int), authn.issue(bigint, int, interval, int),
  authn.issue_loader(int, int) to token_issuer;
grant execute on function authn.verify(text) to audit_owner;

select authn.rotate_key() where not exists (select 1 from authn.signing_key);
