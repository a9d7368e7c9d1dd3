-- Signing keys renew themselves after 30 days; one that did not is a sign of trouble.
select 'authn.signing_key' as object, 'warning' as level,
       coalesce(format('the youngest key is from %s', max(not_before)::date), 'there is no key') as problem,
       'select authn.rotate_key() as the installer.' as remedy
  from authn.signing_key
having coalesce(max(not_before), '-infinity') < now() - interval '60 days' or coalesce(max(not_after), '-infinity') < now()
