-- Row security on every relation of every served schema, applied by event triggers in the transaction of its DDL.
-- Policies are never written per table: they are copied from a template. What cannot be protected is refused.
-- The guard gives policies, never grants: who may select a mart is said by the model (meta.audience), in its own transaction.
-- Run by the installer after 10_authn.sql, in one transaction; safe to run again.

-- Nothing below may be watched by triggers of an older text; in this transaction only, others still see them.
drop event trigger if exists guard_ddl;
drop event trigger if exists guard_drop;

create schema if not exists guard;
revoke all on schema guard from public;
grant usage on schema guard to guard_owner, dbt_builder, loader, control_app;
grant dbt_builder to guard_owner;        -- owner's rights over what dbt builds, nothing else

-- Every schema is guarded unless it is listed here.
create table if not exists guard.exempt_schema (
  nspname      name primary key,
  why          text not null,
  reader_usage boolean not null,         -- readers may have USAGE on it
  definer      boolean not null          -- SECURITY DEFINER functions are allowed in it
);
insert into guard.exempt_schema values
  ('authn',        'keys and verification; functions only',            true,  true),
  ('guard',        'this schema',                                      false, true),
  ('audit',        'append-only log; functions only',                  true,  true),
  ('finance',      'functions of finance; no tables',                  true,  false),
  ('control',      'tenants and people; no reader has USAGE',          false, false),
  ('staging',      'models on the way; no reader has USAGE',           false, false),
  ('intermediate', 'models on the way; no reader has USAGE',           false, false),
  ('public',       'Alembic''s version table; no reader has USAGE',    false, false)
on conflict (nspname) do update
  set why = excluded.why, reader_usage = excluded.reader_usage, definer = excluded.definer;

-- Templates. Policies are compared with these, so the text never depends on the server's version.
-- The sub-selects are InitPlans: verified once a statement, and a token changed half-way through a query changes nothing.
create table if not exists guard.template_marts (tenant_id int not null, investor_id text);
alter table guard.template_marts enable row level security;
alter table guard.template_marts force row level security;
drop policy if exists builder on guard.template_marts;
drop policy if exists gp on guard.template_marts;
drop policy if exists lp on guard.template_marts;
create policy builder on guard.template_marts as permissive for all to dbt_builder using (true) with check (true);
create policy gp on guard.template_marts as permissive for select to gp_reader
  using (tenant_id = (select authn.gp_tenant_id()));
create policy lp on guard.template_marts as permissive for select to lp_reader
  using (tenant_id = (select authn.lp_tenant_id()) and investor_id = any ((select authn.investor_ids())::text[]));

create table if not exists guard.template_raw (tenant_id int not null);
alter table guard.template_raw enable row level security;
alter table guard.template_raw force row level security;
drop policy if exists builder on guard.template_raw;
drop policy if exists loader on guard.template_raw;
create policy builder on guard.template_raw as permissive for select to dbt_builder using (true);
create policy loader on guard.template_raw as permissive for all to loader
  using (tenant_id = (select authn.loader_tenant_id())) with check (tenant_id = (select authn.loader_tenant_id()));

-- Which template a guarded schema has, and who reads it; a schema that is not named here gets that of marts.
create table if not exists guard.assigned_schema (
  nspname   name primary key,
  template  name not null,
  is_served boolean not null,            -- readers read it
  gp_role   name,
  lp_role   name
);
insert into guard.assigned_schema values
  ('marts', 'template_marts', true, 'gp_reader', 'lp_reader'),
  ('raw',   'template_raw',   false, null, null)
on conflict (nspname) do update set template = excluded.template, is_served = excluded.is_served,
  gp_role = excluded.gp_role, lp_role = excluded.lp_role;
revoke all on all tables in schema guard from public;

create or replace view guard.guarded_schema as
  select n.oid, n.nspname, n.nspowner,
         to_regclass(format('guard.%I', coalesce(a.template, 'template_marts')))::oid as template,
         coalesce(a.is_served, true) as is_served, coalesce(a.lp_role, 'lp_reader') as lp_role,
         coalesce(a.gp_role, 'gp_reader') as gp_role
    from pg_catalog.pg_namespace n left join guard.assigned_schema a on a.nspname = n.nspname
   where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
     and not exists (select 1 from guard.exempt_schema e where e.nspname = n.nspname);

create or replace view guard.reader_role as
  select 'gp_reader'::name as rolname union all select 'lp_reader'
  union all select gp_role from guard.assigned_schema where gp_role is not null and gp_role <> 'gp_reader'
  union all select lp_role from guard.assigned_schema where lp_role is not null and lp_role <> 'lp_reader';

-- The guard's functions run as its owner or as whoever builds; both must see the lists, readers need not.
grant select on guard.exempt_schema, guard.assigned_schema, guard.guarded_schema, guard.reader_role
  to guard_owner, dbt_builder, loader, control_app;

create or replace function guard.has_column(rel oid, col name) returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select exists (select 1 from pg_attribute where attrelid = rel and attname = col and attnum > 0 and not attisdropped) $$;

create or replace function guard.policies(rel oid) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select string_agg(concat_ws('|', polname, polcmd, polpermissive, polroles::regrole[]::text,
            pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)), E'\n' order by polname)
    from pg_policy where polrelid = rel $$;

create or replace function guard.expected_policies(rel oid, template oid) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select string_agg(concat_ws('|', polname, polcmd, polpermissive, polroles::regrole[]::text,
            pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)), E'\n' order by polname)
    from pg_policy where polrelid = template and (polname <> 'lp' or guard.has_column(rel, 'investor_id')) $$;

-- Columns whose statistics would tell a reader of other tenants' values through EXPLAIN: all that compare leakproof,
-- which is nearly all. tenant_id, dates and booleans keep theirs; plans need no more, indexes start with tenant_id.
create or replace function guard.telling_columns(rel oid) returns setof name
language sql stable set search_path = pg_catalog, pg_temp as $$
  select a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
   where a.attrelid = rel and a.attnum > 0 and not a.attisdropped and a.attname <> 'tenant_id'
     and a.atttypid not in ('bool'::regtype, 'date'::regtype) and coalesce(a.attstattarget, -1) <> 0 $$;

-- What is wrong with the grants of a relation, or null. Written as steps: as one query its plan was dear enough to be
-- JIT-compiled, a second a relation on a server with LLVM.
create or replace function guard.grant_problem(rel oid) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp set jit = off as $$
declare c record; g record; x record; readers name[];
begin
  select relkind, relacl, relnamespace into c from pg_class where oid = rel and relkind in ('r', 'p', 'v', 'm', 'f', 'S');
  if not found or (c.relacl is null and not exists (
      select 1 from pg_attribute where attrelid = rel and attacl is not null)) then
    return null;
  end if;
  -- Schemas without templates count too: a view of marts may read a relation of staging that its reader has SELECT on,
  -- for USAGE is asked of whoever wrote the view. Their relations have no policies, so nobody reads them.
  select s.is_served, s.gp_role, s.lp_role into g
    from pg_namespace n left join guard.guarded_schema s on s.oid = n.oid
   where n.oid = c.relnamespace and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema';
  if not found then return null; end if;
  readers := array(select r.rolname from guard.reader_role r);
  for x in select a.grantee, a.privilege_type, r.rolname
             from (select c.relacl as acl
                   union all select attacl from pg_attribute where attrelid = rel and attacl is not null) s
             cross join lateral aclexplode(s.acl) a left join pg_roles r on r.oid = a.grantee loop
    if x.grantee = 0 then
      return 'granted to PUBLIC';
    elsif x.rolname = any (readers) then
      if x.privilege_type <> 'SELECT' then
        return format('%s granted to the reader %s', x.privilege_type, x.rolname);
      elsif g.is_served is not true then
        return format('granted to the reader %s, which reads served schemas only', x.rolname);
      elsif x.rolname not in (g.gp_role, g.lp_role) then
        return format('granted to %s, the reader of another schema', x.rolname);
      elsif x.rolname = g.lp_role and c.relkind in ('r', 'p') and not guard.has_column(rel, 'investor_id') then
        return format('granted to %s but has no column investor_id', x.rolname);
      end if;
    end if;
  end loop;
  return null;
end $$;

-- Brings one relation to the template, or refuses it. Idempotent. Runs as its caller, who must own the relation.
create or replace function guard.protect(rel oid) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp as $$
declare c record; g record; p record; parts text; n int; bad text;
begin
  select cl.oid, cl.relkind, cl.relrowsecurity, cl.relforcerowsecurity, cl.reloptions, cl.relnamespace into c
    from pg_class cl where cl.oid = rel;
  if not found then return; end if;
  select * into g from guard.guarded_schema s where s.oid = c.relnamespace;
  if not found then
    -- No policies here, so no readers either: rights that come by default are refused with the relation.
    bad := guard.grant_problem(rel);
    if bad is not null then
      raise exception using errcode = '42501', message = format('guard: %s: %s', rel::regclass, bad),
        hint = 'Relations outside the served schemas have no row security: grant them to no reader and not to PUBLIC.';
    end if;
    return;
  end if;
  if c.relkind in ('m', 'f') then
    raise exception using errcode = '42501',
      message = format('guard: %s: materialized views and foreign tables bypass row security', rel::regclass),
      hint = 'Build it as an incremental model or as a view.';
  elsif c.relkind in ('i', 'I') then
    if g.is_served then
      -- An expression in an index has statistics of its own.
      for n in select a.attnum from pg_attribute a join pg_index i on i.indexrelid = a.attrelid
                where a.attrelid = rel and i.indkey[a.attnum - 1] = 0 and coalesce(a.attstattarget, -1) <> 0 loop
        execute format('alter index %s alter column %s set statistics 0', rel::regclass, n);
      end loop;
    end if;
    return;
  elsif c.relkind = 'v' then
    if not coalesce(c.reloptions, '{}') @> '{security_invoker=true,security_barrier=true}' then
      execute format('alter view %s set (security_invoker=true, security_barrier=true)', rel::regclass);
    end if;
  elsif c.relkind in ('r', 'p') then
    if not exists (select 1 from pg_attribute where attrelid = rel and attname = 'tenant_id' and not attisdropped
                      and atttypid = 'int4'::regtype) then
      raise exception using errcode = '42501', message = format('guard: %s needs a column tenant_id int', rel::regclass),
        hint = 'Every relation of a served schema carries its tenant; select it first, cast to integer.';
    end if;
    if exists (select 1 from pg_attribute where attrelid = rel and attname = 'investor_id' and not attisdropped
                  and atttypid <> 'text'::regtype) and exists (select 1 from pg_policy where polrelid = g.template and polname = 'lp') then
      raise exception using errcode = '42501', message = format('guard: %s: investor_id must be text', rel::regclass);
    end if;
    if not exists (select 1 from pg_attribute where attrelid = rel and attname = 'tenant_id' and attnotnull) then
      execute format('alter table %s alter column tenant_id set not null', rel::regclass);
    end if;
    if not c.relrowsecurity then execute format('alter table %s enable row level security', rel::regclass); end if;
    if not c.relforcerowsecurity then execute format('alter table %s force row level security', rel::regclass); end if;
    if guard.policies(rel) is distinct from guard.expected_policies(rel, g.template) then
      for p in select polname from pg_policy where polrelid = rel loop
        execute format('drop policy %I on %s', p.polname, rel::regclass);
      end loop;
      for p in select polname, polcmd, polroles, pg_get_expr(polqual, polrelid) q, pg_get_expr(polwithcheck, polrelid) w
                 from pg_policy
                where polrelid = g.template and (polname <> 'lp' or guard.has_column(rel, 'investor_id')) loop
        execute format('create policy %I on %s as permissive for %s to %s using (%s)', p.polname, rel::regclass,
            case p.polcmd when 'r' then 'select' else 'all' end,
            (select string_agg(quote_ident(rolname), ',') from pg_roles where oid = any(p.polroles)), p.q)
          || case when p.w is null then '' else format(' with check (%s)', p.w) end;
      end loop;
    end if;
    if g.is_served then
      select string_agg(format('alter column %I set statistics 0', t), ', ') into parts from guard.telling_columns(rel) t;
      if parts is not null then execute format('alter table %s %s', rel::regclass, parts); end if;
    end if;
  end if;
  bad := guard.grant_problem(rel);
  if bad is not null then
    raise exception using errcode = '42501', message = format('guard: %s: %s', rel::regclass, bad),
      hint = 'Readers get SELECT only, LPs only on relations with investor_id text, PUBLIC nothing.';
  end if;
end $$;

-- The same with the owner's rights of whatever dbt built; idempotent, so its caller cannot misuse it.
create or replace function guard.apply(rel oid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform guard.protect(rel);
end $$;

-- Chooses whose rights protect a relation: the guard's where dbt owns it, the caller's (the installer's) otherwise.
create or replace function guard.enforce(rel oid) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp as $$
declare owner oid := (select relowner from pg_class where oid = rel);
begin
  if owner is null then return; end if;
  if pg_has_role('guard_owner', owner, 'usage') then
    perform guard.apply(rel);
  elsif coalesce(current_setting('guard.installing', true), '') <> 'on' or not guard.is_installer() then
    perform set_config('guard.installing', 'on', true);   -- stops the recursion of the installer's own nested DDL
    perform guard.protect(rel);
    perform set_config('guard.installing', 'off', true);
  end if;
end $$;

-- Only an installer's setting is believed: anybody can set a variable, but only a member of guard's owner is one.
create or replace function guard.is_installer() returns boolean
language sql stable set search_path = pg_catalog, pg_temp as $$
  select pg_has_role(current_user, (select nspowner from pg_namespace where nspname = 'guard'), 'usage') $$;

create or replace function guard.on_ddl() returns event_trigger
language plpgsql security invoker set search_path = pg_catalog, pg_temp set jit = off as $$
declare r record; bad record; grants_relation boolean := false;
begin
  if current_user = 'guard_owner' then return; end if;
  for r in select * from pg_event_trigger_ddl_commands() loop
    grants_relation := grants_relation or r.object_type in ('TABLE', 'SEQUENCE');
    if r.classid = 'pg_class'::regclass and r.objid is not null then
      perform guard.enforce(r.objid);
    elsif r.classid = 'pg_policy'::regclass then
      perform guard.enforce((select polrelid from pg_policy where oid = r.objid));
    elsif r.classid = 'pg_statistic_ext'::regclass then
      if exists (select 1 from pg_statistic_ext s join pg_class c on c.oid = s.stxrelid
                   join guard.guarded_schema g on g.oid = c.relnamespace where s.oid = r.objid and g.is_served) then
        raise exception using errcode = '42501',
          message = 'guard: extended statistics would tell readers of other tenants'' values';
      end if;
    elsif r.classid = 'pg_proc'::regclass then
      if exists (select 1 from pg_proc f join pg_namespace n on n.oid = f.pronamespace
                  where f.oid = r.objid and f.prosecdef
                    and n.nspname not in (select e.nspname from guard.exempt_schema e where e.definer)) then
        raise exception using errcode = '42501',
          message = 'guard: SECURITY DEFINER functions are only allowed in authn, guard and audit';
      end if;
    end if;
  end loop;
  if tg_tag = 'GRANT' and grants_relation then     -- names no object in its commands, so all are looked at
    select checked.rel::regclass as rel, checked.problem into bad
      from (select c.oid as rel, guard.grant_problem(c.oid) as problem
              from pg_class c where c.oid >= 16384) checked    -- older ones are the server's own
     where checked.problem is not null limit 1;
    if found then
      raise exception using errcode = '42501', message = format('guard: %s: %s', bad.rel, bad.problem),
        hint = 'Readers get SELECT only, LPs only on relations with investor_id text, PUBLIC nothing.';
    end if;
  end if;
end $$;

create or replace function guard.on_drop() returns event_trigger
language plpgsql security invoker set search_path = pg_catalog, pg_temp set jit = off as $$
declare r record; rel regclass;
begin
  if current_user = 'guard_owner' then return; end if;
  for r in select * from pg_event_trigger_dropped_objects() where object_type = 'policy' loop
    rel := to_regclass(format('%I.%I', r.address_names[1], r.address_names[2]));
    if rel is not null then perform guard.enforce(rel); end if;
  end loop;
end $$;

-- A schema of its own for one tenant: the template's builder may only write that tenant's rows. Installer only.
create or replace function guard.assign_own_schema(p_tenant int, p_schema name, p_gp name, p_lp name) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp as $$
declare template name := 'template_' || p_schema;
begin
  if p_schema !~ '^own_[0-9a-f]{12}$' or p_gp !~ '^gp_[0-9a-f]{12}$' or p_lp !~ '^lp_[0-9a-f]{12}$' then
    raise exception using errcode = '22023', message = 'guard: names of own schemas and roles are own_, gp_, lp_ and 12 hex digits';
  end if;
  if to_regclass(format('guard.%I', template)) is null then
    execute format('create table guard.%I (tenant_id int not null, investor_id text)', template);
    execute format('alter table guard.%I enable row level security', template);
    execute format('alter table guard.%I force row level security', template);
    execute format('create policy builder on guard.%I as permissive for all to dbt_builder using (tenant_id = %s) with check (tenant_id = %2$s)',
                   template, p_tenant);
    execute format('create policy gp on guard.%I as permissive for select to %I using (tenant_id = (select authn.gp_tenant_id()))',
                   template, p_gp);
    execute format('create policy lp on guard.%I as permissive for select to %I using (tenant_id = (select authn.lp_tenant_id())'
                   ' and investor_id = any ((select authn.investor_ids())::text[]))', template, p_lp);
  end if;
  insert into guard.assigned_schema values (p_schema, template, true, p_gp, p_lp) on conflict (nspname) do nothing;
  insert into authn.served_schema values (p_tenant, p_schema, p_gp, p_lp) on conflict (tenant_id) do nothing;
  execute format('create schema if not exists %I', p_schema);
  execute format('grant usage, create on schema %I to dbt_builder', p_schema);
  execute format('grant usage on schema %I, finance, authn, audit to %I, %I', p_schema, p_gp, p_lp);
  execute format('grant connect on database %I to %I, %I', current_database(), p_gp, p_lp);
  execute format('grant execute on function authn.gp_tenant_id(), authn.viewer_id() to %I', p_gp);
  execute format('grant execute on function authn.lp_tenant_id(), authn.investor_ids(), authn.viewer_id() to %I', p_lp);
  execute format('grant execute on function audit.append(text, text, jsonb) to %I, %I', p_gp, p_lp);
  perform guard.limit_reader(r) from unnest(array[p_gp, p_lp]) r;
end $$;

-- Limits that a session cannot raise itself.
create or replace function guard.limit_reader(p_role name) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp as $$
begin
  execute format('alter role %I set temp_file_limit = ''256MB''', p_role);
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'guard'::regnamespace loop
    execute format('revoke all on function %s from public', f);
  end loop;
end $$;
grant execute on function guard.has_column(oid, name), guard.policies(oid), guard.expected_policies(oid, oid),
  guard.telling_columns(oid), guard.grant_problem(oid), guard.protect(oid), guard.apply(oid), guard.enforce(oid),
  guard.is_installer(), guard.on_ddl(), guard.on_drop() to guard_owner, dbt_builder, loader, control_app;
alter function guard.apply(oid) owner to guard_owner;
-- Names of policies' functions are resolved by whoever creates the policy.
grant usage on schema authn, marts, raw to guard_owner;

create event trigger guard_ddl on ddl_command_end execute function guard.on_ddl();
create event trigger guard_drop on sql_drop execute function guard.on_drop();

-- Relations that were there before the guard, or before a template changed.
do $$
declare r oid;
begin
  for r in select c.oid from pg_class c join guard.guarded_schema g on g.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'v', 'm', 'f', 'i', 'I') order by c.oid loop
    perform guard.enforce(r);
  end loop;
end $$;
