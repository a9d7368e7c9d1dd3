-- Functions outside authn and audit that a reader may call: they compute from their arguments alone. One with its owner's rights
-- shows every tenant; one called leakproof sees rows before the policies do; one that reads a table answers each caller otherwise.
with callable as materialized (
  select p.oid, p.prosecdef, p.proleakproof, l.lanname, p.prokind,
         regexp_replace(regexp_replace(p.prosrc, '/\*.*?\*/', ' ', 'g'), '--[^\n]*', ' ', 'g') as body
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    join pg_language l on l.oid = p.prolang
   where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_%'
     and n.nspname not in (select e.nspname from guard.exempt_schema e where e.definer)
     and exists (select 1 from guard.reader_role r
                  where has_schema_privilege(r.rolname, n.oid, 'usage') and has_function_privilege(r.rolname, p.oid, 'execute'))
), word as materialized (                -- only relations whose name occurs are looked for: patterns are dear
  select distinct f.oid, lower(m.match[1]) as word from callable f cross join lateral regexp_matches(f.body, '\w+', 'g') m(match)
), relation as materialized (
  select c.oid, n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') and n.nspname not in ('pg_catalog', 'information_schema')
     and n.nspname not like 'pg\_%'
)
select f.oid::regprocedure::text as object, 'error' as level, v.problem, v.remedy
  from callable f
  cross join lateral (
    select 'readers may call it, and it runs with its owner''s rights' as problem, 'ALTER FUNCTION … SECURITY INVOKER.' as remedy
     where f.prosecdef
    union all
    select 'readers may call it, and it is leakproof: it is called with rows that policies then hide', 'ALTER FUNCTION … NOT LEAKPROOF.'
     where f.proleakproof
    union all
    select format('readers may call it, and it is written in %s', f.lanname), 'Write it in SQL or PL/pgSQL.'
     where f.lanname not in ('sql', 'plpgsql') and f.prokind = 'f'
    union all
    select 'readers may call it, and it runs SQL that it puts together', 'Write the statement out, or REVOKE EXECUTE … FROM PUBLIC.'
     where f.lanname = 'plpgsql' and f.body ~* '\mexecute\M'
    union all
    select format('readers may call it, and it reads %I.%I', r.nspname, r.relname),
           'Give it what it needs as arguments, or REVOKE EXECUTE … FROM PUBLIC.'
      from relation r
     where (r.relname in (select w.word from word w where w.oid = f.oid)
            and (f.body ~* ('\m' || r.nspname || '"?\s*\.\s*"?' || r.relname || '\M')
                 or f.body ~* ('\m(from|join|into|update|table|only)\s+"?' || r.relname || '\M')))
        or r.oid in (select d.refobjid from pg_depend d
                      where d.classid = 'pg_proc'::regclass and d.objid = f.oid and d.refclassid = 'pg_class'::regclass)
  ) v
