-- Without an index that starts with tenant_id every page of every tenant scans the whole table.
select c.oid::regclass::text as object, 'warning' as level, 'no index starts with tenant_id' as problem,
       'Add an index on (tenant_id, …) to the model.' as remedy
  from pg_class c
  join guard.guarded_schema g on g.oid = c.relnamespace
 where c.relkind in ('r', 'p') and c.reltuples > 100000
   and not exists (select 1 from pg_index x join pg_attribute a on a.attrelid = x.indrelid and a.attnum = x.indkey[0]
                    where x.indrelid = c.oid and a.attname = 'tenant_id')
