-- Statistics of a column that every tenant fills: EXPLAIN turns them into an oracle for other tenants' values.
select format('%s.%s', c.oid::regclass, a.attname) as object, 'error' as level,
       'values of all tenants are kept in the planner''s statistics' as problem,
       'ALTER COLUMN … SET STATISTICS 0, then as superuser delete its row of pg_statistic.' as remedy
  from pg_statistic s
  join pg_class c on c.oid = s.starelid
  join pg_attribute a on a.attrelid = c.oid and a.attnum = s.staattnum
  join guard.guarded_schema g on g.oid = c.relnamespace
 where g.is_served and a.attname <> 'tenant_id' and (c.relkind in ('i', 'I') or a.atttypid not in ('bool'::regtype, 'date'::regtype))
