-- A reader that owns an object has rights that no policy limits.
select d.classid::regclass::text || ' ' || d.objid as object, 'error' as level, format('it is owned by %s', r.rolname) as problem,
       'REASSIGN OWNED BY the reader TO the installer.' as remedy
  from pg_shdepend d
  join pg_roles r on r.oid = d.refobjid
 where d.deptype = 'o' and d.refclassid = 'pg_authid'::regclass and d.dbid in (0, (select oid from pg_database where datname = current_database()))
   and r.rolname ~ '^((gp|lp)_(reader|[0-9a-f]{12})|token_issuer|loader)$'
