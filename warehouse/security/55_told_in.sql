-- What viewers chose to be told in, and which currencies any rate knows: for the models, the loader and the pages, without a name.

-- investor_id null: on the pages of the organisation itself. asked_at: since when no mart tells it yet.
create or replace view control.told_in with (security_barrier = true) as
select c.tenant_id, a.investor_id, c.currency_code, max(c.asked_at) as asked_at
from control.viewer_currency as c
inner join control.membership as m on m.tenant_id = c.tenant_id and m.user_id = c.user_id
inner join control.app_user as u on u.user_id = c.user_id and u.is_active
left join control.investor_access as a on m.role = 'lp' and a.tenant_id = c.tenant_id and a.user_id = c.user_id
where (m.role = 'lp') = (a.investor_id is not null)
group by c.tenant_id, a.investor_id, c.currency_code;
revoke all on control.told_in from public, control_app;
grant select on control.told_in to dbt_builder;

-- Both sides of every pair of the platform's rates, found by probing the key from one code to the next: a few dozen probes of it
-- instead of every quote of every day.
create or replace view control.currency_with_rates with (security_barrier = true) as
with recursive pairs as (
    (
        select r.base_currency_code as base, r.quote_currency_code as quote
        from raw.capstan__fx_rates as r
        where r.tenant_id = 0
        order by 1, 2
        limit 1
    )
    union all
    select following.base, following.quote
    from pairs as p
    cross join lateral (
        select r.base_currency_code as base, r.quote_currency_code as quote
        from raw.capstan__fx_rates as r
        where r.tenant_id = 0 and (r.base_currency_code, r.quote_currency_code) > (p.base, p.quote)
        order by 1, 2
        limit 1
    ) as following
)
select base as currency_code from pairs
union
select quote from pairs;
revoke all on control.currency_with_rates from public;
grant select on control.currency_with_rates to control_app, loader;
