-- Tables that a reader role can select although no policy filters them. Looks at privileges, not at the guard's registry.
select c.oid::regclass::text as object, 'error' as level,
       format('%s can read it and row security is %s', r.rolname, case when c.relrowsecurity then 'not forced' else 'off' end) as problem,
       'Move it out of the readers'' reach or into a guarded schema.' as remedy
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_roles r on r.rolcanlogin and r.rolname ~ '^(gp|lp)_(reader|[0-9a-f]{12})$'
 where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_toast%'
   and has_schema_privilege(r.oid, n.oid, 'usage') and has_any_column_privilege(r.oid, c.oid, 'select')
   and not (c.relrowsecurity and c.relforcerowsecurity)
