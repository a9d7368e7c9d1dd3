-- guard.violation: everything in the catalogue that weakens the isolation of tenants. Empty = healthy; `capstan doctor`,
-- each refresh and the tests read it. It trusts neither the event triggers nor the registry of served schemas alone.
-- Run by the installer after 20_guard.sql; safe to run again.

drop view if exists guard.violation;
create view guard.violation as
with login as (
  select rolname from guard.reader_role
  union all values ('loader'), ('dbt_builder'), ('token_issuer'), ('control_app'))
select c.oid::regclass::text as object, v.problem
  from pg_class c join guard.guarded_schema g on g.oid = c.relnamespace
  cross join lateral (values
    (case when c.relkind in ('r', 'p') and not c.relrowsecurity then 'row security is off' end),
    (case when c.relkind in ('r', 'p') and not c.relforcerowsecurity then 'row security is not forced on its owner' end),
    (case when c.relkind in ('r', 'p') and guard.policies(c.oid) is distinct from guard.expected_policies(c.oid, g.template)
          then 'policies differ from the template' end),
    (case when c.relkind in ('r', 'p') and not exists (select 1 from pg_attribute a where a.attrelid = c.oid
                and a.attname = 'tenant_id' and a.attnotnull and a.atttypid = 'int4'::regtype)
          then 'no column tenant_id int not null' end),
    (case when c.relkind = 'v' and not coalesce(c.reloptions, '{}') @> '{security_invoker=true,security_barrier=true}'
          then 'view without security_invoker and security_barrier' end),
    (case when c.relkind in ('m', 'f') then 'materialized views and foreign tables bypass row security' end),
    (case when c.relkind in ('r', 'p') and g.is_served and exists (select 1 from guard.telling_columns(c.oid))
          then 'statistics are kept on a column that tells of other tenants' end),
    (case when c.relkind in ('i', 'I') and g.is_served and exists (
            select 1 from pg_index i join pg_attribute a on a.attrelid = i.indexrelid
             where i.indexrelid = c.oid and i.indkey[a.attnum - 1] = 0 and coalesce(a.attstattarget, -1) <> 0)
          then 'statistics are kept on an expression of this index' end),
    (guard.grant_problem(c.oid))
  ) v(problem)
 where v.problem is not null
union all
select c.oid::regclass::text, format('readable by %s outside the served schemas', r.rolname)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join guard.reader_role r
 where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
   and n.oid not in (select g.oid from guard.guarded_schema g where g.is_served)
   and has_any_column_privilege(r.rolname, c.oid, 'select')
union all
select r.rolname::text, 'role is privileged' from pg_roles r
 where r.rolname in (select l.rolname from login l)
   and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication)
union all
select m.member::regrole::text, 'is a member of ' || m.roleid::regrole from pg_auth_members m
 where m.member in (select r.oid from pg_roles r join login l on l.rolname = r.rolname)
union all
select coalesce(r.rolname, 'ALL')::text, 'role setting overridden: ' || s.setconfig::text
  from pg_db_role_setting s left join pg_roles r on r.oid = s.setrole
 where r.rolname in (select l.rolname from login l) and s.setconfig <> case r.rolname
         when 'dbt_builder' then array['enable_nestloop=off', 'enable_mergejoin=off', 'work_mem=64MB']  -- 60_builder_planning.sql
         else array['temp_file_limit=256MB'] end
union all
select p.oid::regprocedure::text, 'SECURITY DEFINER function outside authn, guard and audit'
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema')
   and n.nspname not in (select e.nspname from guard.exempt_schema e where e.definer)
union all
select p.oid::regprocedure::text, 'SECURITY DEFINER without a pinned search_path'
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where p.prosecdef and n.nspname in (select e.nspname from guard.exempt_schema e where e.definer)
   and not coalesce(p.proconfig, '{}')::text like '%search_path=pg_catalog%'
union all
select n.nspname::text, format('the reader %s has USAGE on it', r.rolname)
  from pg_namespace n cross join guard.reader_role r
 where n.nspname in (select e.nspname from guard.exempt_schema e where not e.reader_usage
                     union all select g.nspname from guard.guarded_schema g where not g.is_served)
   and has_schema_privilege(r.rolname, n.oid, 'usage')
union all
select n.nspname::text, format('the reader %s may create in it', r.rolname)
  from pg_namespace n cross join guard.reader_role r where has_schema_privilege(r.rolname, n.oid, 'create')
union all
select n.nspname::text, 'guarded schema is owned by ' || n.nspowner::regrole
  from pg_namespace n join guard.guarded_schema g on g.oid = n.oid
 where n.nspowner in (select r.oid from pg_roles r join login l on l.rolname = r.rolname)
union all                                -- rights on the database are not in a dump: they are checked here
select r.rolname::text, 'may create temporary tables' from pg_roles r
 where r.rolname in (select l.rolname from login l) and r.rolname not in ('dbt_builder', 'loader')
   and has_database_privilege(r.oid, current_database(), 'temp')
union all
select r.rolname::text, 'may create schemas' from pg_roles r
 where r.rolname in (select l.rolname from login l) and has_database_privilege(r.oid, current_database(), 'create')
union all
select r.rolname::text, 'may write plpgsql' from guard.reader_role r where has_language_privilege(r.rolname, 'plpgsql', 'usage')
union all
select r.rolname::text, 'may call ' || f from guard.reader_role r cross join (values
    ('pg_terminate_backend(int,bigint)'), ('pg_cancel_backend(int)'), ('pg_notify(text,text)'), ('lo_create(oid)'),
    ('pg_advisory_lock(bigint)'), ('pg_stat_get_activity(int)'), ('pg_stat_get_backend_activity(int)')) v(f)
 where has_function_privilege(r.rolname, f, 'execute')
union all
select r.rolname::text, 'may call ' || p.oid::regprocedure
  from guard.reader_role r cross join pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname in ('authn', 'guard', 'audit') and has_function_privilege(r.rolname, p.oid, 'execute')
   and p.oid::regprocedure::text not in ('authn.gp_tenant_id()', 'authn.lp_tenant_id()', 'authn.investor_ids()',
                                         'authn.viewer_id()', 'audit.append(text,text,jsonb)')
union all
select 'token_issuer', 'may call ' || p.oid::regprocedure
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where n.nspname in ('authn', 'guard', 'audit') and has_function_privilege('token_issuer', p.oid, 'execute')
   and p.proname not in ('issue', 'issue_loader', 'login_of')
union all
select e.evtname::text, 'event trigger is disabled' from pg_event_trigger e
 where e.evtname like 'guard\_%' and e.evtenabled not in ('O', 'A')
union all
select v.name, 'event trigger is missing' from (values ('guard_ddl'), ('guard_drop')) v(name)
 where not exists (select 1 from pg_event_trigger e where e.evtname = v.name);
revoke all on guard.violation from public;
