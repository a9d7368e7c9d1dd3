-- The fund model of the CFA curriculum, in which carry is taken on rising NAV (first total return method).
do $$
begin
    if to_regtype('finance.fund_period') is null then
        create type finance.fund_period as (
            period integer,
            called_amount numeric,
            paid_in_amount numeric,
            management_fee_amount numeric,
            operating_result_amount numeric,
            nav_before_distributions_amount numeric,
            carried_interest_amount numeric,
            distributed_amount numeric,
            nav_after_distributions_amount numeric,
            dpi double precision,
            rvpi double precision,
            tvpi double precision
        );
    end if;
end
$$;

comment on type finance.fund_period is
'One period of finance.fund_economics, amounts in the currency given; the multiples are those at its end, null before anything was paid in.';

create or replace function finance.fund_economics(
    called numeric [], operating_results numeric [], distributions numeric [], committed_amount numeric,
    fee_rate numeric, carry_rate numeric
) returns setof finance.fund_period
language plpgsql immutable parallel safe
as $$
declare
    p finance.fund_period;
    nav_before_of_last numeric;
    distributed numeric := 0;
begin
    -- something unknown: nothing that follows is known
    if num_nulls(called, operating_results, distributions, committed_amount, fee_rate, carry_rate) > 0
        or array_position(called || operating_results || distributions, null) is not null then
        return;
    end if;
    if cardinality(called) <> cardinality(operating_results) or cardinality(called) <> cardinality(distributions) then
        raise invalid_parameter_value using
            message = format(
                'finance.fund_economics: %s calls, %s results, %s distributions',
                cardinality(called), cardinality(operating_results), cardinality(distributions)
            ),
            hint = 'Give one of each for every period, 0 where there is none.';
    end if;
    if committed_amount < 0 or fee_rate not between 0 and 1 or carry_rate not between 0 and 1
        or exists (select from unnest(called, distributions) as f (c, d) where f.c < 0 or f.d < 0) then
        raise invalid_parameter_value using
            message = format(
                'finance.fund_economics: committed %s, fee rate %s, carry rate %s, calls %s, distributions %s',
                committed_amount, fee_rate, carry_rate, called, distributions
            ),
            hint = 'Amounts committed, called and distributed are not negative; rates are fractions from 0 to 1: 0.2 is 20 %.';
    end if;
    p.paid_in_amount := 0;
    p.nav_after_distributions_amount := 0;
    for i in 1..cardinality(called) loop
        p.period := i;
        p.called_amount := called[i];
        p.paid_in_amount := p.paid_in_amount + called[i];
        p.management_fee_amount := fee_rate * p.paid_in_amount;
        p.operating_result_amount := operating_results[i];
        p.nav_before_distributions_amount
            := p.nav_after_distributions_amount + called[i] - p.management_fee_amount + operating_results[i];
        -- beyond committed capital the first time, from then on beyond the period before
        p.carried_interest_amount := carry_rate * greatest(
            p.nav_before_distributions_amount - greatest(committed_amount, nav_before_of_last), 0
        );
        p.distributed_amount := distributions[i];
        distributed := distributed + distributions[i];
        p.nav_after_distributions_amount
            := p.nav_before_distributions_amount - p.carried_interest_amount - distributions[i];
        nav_before_of_last := p.nav_before_distributions_amount;
        p.dpi := distributed / nullif(p.paid_in_amount, 0);
        p.rvpi := p.nav_after_distributions_amount / nullif(p.paid_in_amount, 0);
        p.tvpi := (distributed + p.nav_after_distributions_amount) / nullif(p.paid_in_amount, 0);
        return next p;
    end loop;
end
$$;

comment on function finance.fund_economics(numeric [], numeric [], numeric [], numeric, numeric, numeric) is
'The CFA curriculum''s fund, period by period, as finance.fund_period: fees are fee_rate of paid-in capital, NAV before distributions '
'is NAV after the last ones + called - fees + operating result, carry is carry_rate of its rise above committed capital, later above '
'the period before (first total return method). called, distributions: not negative; results: signed. Unrounded. '
'No rows when anything is null. '
'Source: METRICS section 8 (fund-econ-*).';
