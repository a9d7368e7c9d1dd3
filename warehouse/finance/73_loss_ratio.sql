-- What a group of deals lost, by the three conventions in use.

create or replace function finance._loss_ratio_of(state numeric []) returns finance.loss_result
language plpgsql immutable strict parallel safe
as $$
declare
    given record;
    answer finance.loss_result;
begin
    select
        coalesce(sum(d.cost), 0) as invested,
        coalesce(sum(d.cost) filter (where d.worth < d.cost), 0) as cost_at_loss,
        coalesce(sum(d.cost - d.worth) filter (where d.worth < d.cost), 0) as lost,
        count(*) filter (where d.cost > 0) as deals,
        count(*) filter (where d.cost > 0 and d.worth < d.cost) as deals_at_loss,
        coalesce(bool_or(d.cost is null or d.worth is null), false) as has_unknown,
        coalesce(min(d.cost) < 0, false) as has_negative
    into given
    from (
        select
            state[k] as cost,
            state[k + 1] as worth
        from generate_series(1, cardinality(state), 2) as k
        where num_nonnulls(state[k], state[k + 1]) > 0
    ) as d;
    answer.deals := given.deals;
    answer.loss_status := case
        when given.has_unknown then 'missing_value'
        when given.has_negative then 'negative_cost'
        when given.deals = 0 then 'no_deals'
        else 'ok'
    end;
    if answer.loss_status <> 'ok' then
        return answer;
    end if;
    answer.deals_at_loss := given.deals_at_loss;
    answer.invested_amount := given.invested;
    answer.lost_amount := given.lost;
    answer.loss_ratio_cost := given.cost_at_loss / given.invested;
    answer.loss_ratio_amount := given.lost / given.invested;
    answer.loss_ratio_count := given.deals_at_loss::double precision / given.deals;
    return answer;
end
$$;

comment on function finance._loss_ratio_of(numeric []) is 'Internal. Final function of finance.loss_ratio.';

create or replace aggregate finance.loss_ratio(cost numeric, total_value numeric) (
    sfunc = finance._two_append,
    stype = numeric [],
    initcond = '{}',
    combinefunc = array_cat,
    finalfunc = finance._loss_ratio_of,
    parallel = safe
);

comment on aggregate finance.loss_ratio(numeric, numeric) is
'Loss ratio of a group of deals by all three conventions: see finance.loss_result. cost: invested in the deal, zero or more; '
'total_value: proceeds and remaining value, same currency. A row of two nulls is none; one null makes the result unknown. A '
'deal without cost is no deal. Source: METRICS section 7.';
