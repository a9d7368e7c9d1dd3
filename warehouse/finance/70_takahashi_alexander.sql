-- The pacing model of Takahashi and Alexander: what a commitment will call, pay out and be worth, year by year.

create or replace function finance.takahashi_alexander(
    commitment numeric, contribution_rates numeric [], life_years integer, bow numeric, growth numeric, yield_rate numeric,
    years_passed integer default 0, unfunded_now numeric default null, nav_now numeric default 0
) returns table (
    year integer, contribution numeric, distribution numeric, nav numeric, unfunded numeric, cumulative_net numeric
)
language plpgsql immutable parallel safe
as $$
declare
    grown numeric;
    rate_paid_out numeric;
begin
    -- something unknown: nothing can be projected
    if num_nulls(commitment, contribution_rates, life_years, bow, growth, yield_rate, years_passed, nav_now) > 0 then
        return;
    end if;
    if commitment < 0 or life_years < 1 or bow <= 0 or growth <= -1 or not yield_rate between 0 and 1 or years_passed < 0
        or unfunded_now < 0 or nav_now < 0 then
        raise invalid_parameter_value using
            message = format(
                'finance.takahashi_alexander cannot project commitment %s, life_years %s, bow %s, growth %s, yield_rate %s, years_passed %s, '
                'unfunded_now %s, nav_now %s',
                commitment, life_years, bow, growth, yield_rate, years_passed, unfunded_now, nav_now
            ),
            hint = 'commitment, years_passed, unfunded_now and nav_now are 0 or more, life_years at least 1, bow above 0, growth above -1, yield_rate from 0 to 1.';
    end if;
    if cardinality(contribution_rates) = 0 or exists (select from unnest(contribution_rates) as r where r is null or not r between 0 and 1) then
        raise invalid_parameter_value using
            message = format('finance.takahashi_alexander cannot call at the rates %s', contribution_rates),
            hint = 'contribution_rates are fractions of what is unfunded, from 0 to 1, one a year; the last one stands for all later years.';
    end if;

    unfunded := coalesce(unfunded_now, commitment);
    nav := nav_now;
    cumulative_net := 0;
    -- a fund that outlives its life pays out everything in one more year
    for t in years_passed + 1..greatest(life_years, years_passed + 1) loop
        -- sixteen decimals a step: products would grow by dozens of digits a year
        grown := nav * (1 + growth);
        rate_paid_out := least(1, greatest(yield_rate, power(t::numeric / life_years, bow)));
        year := t;
        contribution := round(contribution_rates[least(t, cardinality(contribution_rates))] * unfunded, 16);
        distribution := round(rate_paid_out * grown, 16);
        nav := round(grown + contribution - distribution, 16);
        unfunded := unfunded - contribution;
        cumulative_net := cumulative_net + distribution - contribution;
        return next;
    end loop;
end
$$;

comment on function finance.takahashi_alexander(
    numeric, numeric [], integer, numeric, numeric, numeric, integer, numeric, numeric
) is
'One row a year of a commitment''s life by the model of Takahashi and Alexander: contribution = rate of the year x what is '
'unfunded; distribution = max(yield_rate, (year / life_years) ^ bow) x grown NAV; nav and unfunded at the end of the year; '
'cumulative_net: distributions less contributions from the first row on. Amounts in the currency of commitment, all '
'positive, 16 decimals. contribution_rates: fractions by year, the last for all later ones; growth, yield_rate: fractions a '
'year. A fund under way: years_passed, unfunded_now (default: the whole commitment) and nav_now; past its life it pays out '
'everything in one year. No rows when an argument is null. Source: METRICS section 7 (Takahashi and Alexander 2002).';
