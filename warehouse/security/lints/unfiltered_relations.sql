-- Materialized views and foreign tables have no row security at all.
select c.oid::regclass::text as object, 'error' as level, 'a reader can select it, and row security cannot protect it' as problem,
       'Build it as an incremental model or as a view.' as remedy
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('m', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
   and exists (select 1 from pg_roles r where r.rolname ~ '^(gp|lp)_(reader|[0-9a-f]{12})$'
                  and has_schema_privilege(r.oid, n.oid, 'usage') and has_any_column_privilege(r.oid, c.oid, 'select'))
