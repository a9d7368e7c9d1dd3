-- A policy that reads a table vanishes when that table is dropped with CASCADE, and a restrictive one then fails open.
select p.polrelid::regclass::text as object, 'error' as level,
       format('its policy %s reads %s', p.polname, d.refobjid::regclass) as problem,
       'Policies call functions of authn only.' as remedy
  from pg_policy p
  join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_class'::regclass
 where d.refobjid <> p.polrelid
