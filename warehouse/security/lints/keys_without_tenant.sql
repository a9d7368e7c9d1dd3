-- Unique keys and foreign keys of tenant tables start with tenant_id; otherwise one tenant's key refuses or finds another's.
select format('%s of %s', i.relname, x.indrelid::regclass) as object, 'error' as level, 'a unique key does not start with tenant_id' as problem,
       'Put tenant_id first.' as remedy
  from pg_index x
  join pg_class i on i.oid = x.indexrelid
  join pg_class t on t.oid = x.indrelid
  join guard.guarded_schema g on g.oid = t.relnamespace
 where x.indisunique and not exists (select 1 from pg_attribute a where a.attrelid = x.indrelid and a.attnum = x.indkey[0] and a.attname = 'tenant_id')
union all
select format('%s of %s', k.conname, k.conrelid::regclass), 'error', 'a foreign key does not start with tenant_id', 'Put tenant_id first.'
  from pg_constraint k
  join pg_class t on t.oid = k.conrelid
  join guard.guarded_schema g on g.oid = t.relnamespace
 where k.contype = 'f' and not exists (select 1 from pg_attribute a where a.attrelid = k.conrelid and a.attnum = k.conkey[1] and a.attname = 'tenant_id')
