-- Views that show their owner's rows instead of the reader's.
select c.oid::regclass::text as object, 'error' as level, 'a reader can select this view, and it runs with its owner''s rights' as problem,
       'ALTER VIEW … SET (security_invoker = true, security_barrier = true).' as remedy
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'v' and n.nspname not in ('pg_catalog', 'information_schema')
   and not coalesce(c.reloptions, '{}') @> '{security_invoker=true}'
   and exists (select 1 from pg_roles r where r.rolname ~ '^(gp|lp)_(reader|[0-9a-f]{12})$'
                  and has_schema_privilege(r.oid, n.oid, 'usage') and has_any_column_privilege(r.oid, c.oid, 'select'))
