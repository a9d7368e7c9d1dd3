-- Older minor releases show statistics of rows that policies hide (CVE-2025-8713).
select 'server' as object, 'error' as level, format('it runs %s', current_setting('server_version')) as problem,
       'Upgrade to at least 15.14, 16.10, 17.6 or 18.' as remedy
 where current_setting('server_version_num')::int < case current_setting('server_version_num')::int / 10000
         when 15 then 150014 when 16 then 160010 when 17 then 170006 else 150014 end
