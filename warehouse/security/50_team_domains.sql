-- Which e-mail domains a tenant's own people write from: what the models need to tell the team from its readers, and no more.
-- Domains that anybody can have an address at tell nothing and are left out. Only dbt reads this view; no name, no address.
create or replace view control.team_email_domain with (security_barrier = true) as
select distinct m.tenant_id, split_part(u.email, '@', 2) as domain
from control.membership as m
inner join control.app_user as u on u.user_id = m.user_id
where m.role in ('founder', 'manager', 'analyst')
  and split_part(u.email, '@', 2) not in (
    'gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'yahoo.com', 'icloud.com', 'me.com',
    'aol.com', 'gmx.de', 'gmx.net', 'web.de', 'proton.me', 'protonmail.com', 'fastmail.com', 'mail.com', 'qq.com', '163.com'
  );
revoke all on control.team_email_domain from public, control_app;
grant select on control.team_email_domain to dbt_builder;
