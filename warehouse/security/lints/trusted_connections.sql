-- pg_hba lines that let somebody in without a password.
select format('pg_hba line %s', line_number) as object, 'warning' as level,
       format('%s connections of %s are trusted without a password', type, array_to_string(user_name, ', ')) as problem,
       'Use scram-sha-256 (or peer for the local socket).' as remedy
  from pg_hba_file_rules
 where auth_method = 'trust' and error is null
