-- A verification outside a sub-select runs for each row, and a token that changes during the statement would count.
select p.polrelid::regclass::text as object, 'error' as level, format('its policy %s calls authn for each row', p.polname) as problem,
       'Write (select authn.…()) so that it runs once a statement.' as remedy
  from pg_policy p
 where regexp_replace(coalesce(pg_get_expr(p.polqual, p.polrelid), '') || ' ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), ''),
                      '\( ?SELECT authn\.[a-z_]+\(\)', '', 'g') ~ 'authn\.[a-z_]+\('
