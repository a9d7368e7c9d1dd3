-- What a waterfall is told: its types, the terms of an agreement as validated named keys, exact time and growth.
-- The walk through dated flows is in 81; the aggregates that analysts call are in 82 and 83.
do $$
begin
    if to_regtype('finance.waterfall_terms') is null then
        create type finance.waterfall_terms as (
            carry_rate numeric,
            hurdle_rate numeric,
            compounding text,
            day_count text,
            includes_last_day boolean,
            catch_up_rate numeric,
            catch_up_to text,
            tier_order text,
            basis text,
            clawback_tax_rate numeric,
            decimals integer
        );
    end if;
    if to_regtype('finance.waterfall_tier') is null then
        create type finance.waterfall_tier as (
            distribution_number integer,
            on_date date,
            tier_number integer,
            tier text,
            amount numeric,
            lp_amount numeric,
            gp_amount numeric,
            unreturned_capital_amount numeric,
            unpaid_preferred_return_amount numeric
        );
    end if;
    if to_regtype('finance.waterfall_result') is null then
        create type finance.waterfall_result as (
            contributed_amount numeric,
            distributed_amount numeric,
            lp_amount numeric,
            gp_amount numeric,
            returned_capital_amount numeric,
            preferred_return_amount numeric,
            catch_up_amount numeric,
            catch_up_gp_amount numeric,
            split_amount numeric,
            split_gp_amount numeric,
            unreturned_capital_amount numeric,
            unpaid_preferred_return_amount numeric,
            gp_profit_share numeric,
            carry_due_amount numeric,
            excess_carry_amount numeric,
            clawback_amount numeric,
            first_on date,
            last_on date
        );
    end if;
    if to_regtype('finance.carry_accrual') is null then
        create type finance.carry_accrual as (
            as_of date,
            value_amount numeric,
            carry_paid_amount numeric,
            carry_on_value_amount numeric,
            clawback_amount numeric,
            accrued_carry_amount numeric,
            value_to_lps_amount numeric
        );
    end if;
    if to_regtype('finance._waterfall_outcome') is null then
        create type finance._waterfall_outcome as (
            result finance.waterfall_result,
            tiers finance.waterfall_tier [],
            carry_before_value numeric
        );
    end if;
end
$$;

comment on type finance.waterfall_terms is
'The economic terms of one agreement, as finance.waterfall_terms(jsonb) reads them; rates are fractions.';
comment on type finance.waterfall_tier is
'One tier of one distribution. tier: return_of_capital, preferred_return, catch_up, split, in that tier_number''s order of payment. '
'amount = lp_amount + gp_amount, in the currency of the flows, rounded to the terms'' decimals by largest remainder so that the '
'tiers sum to the distribution. The balances are those after the tier, unrounded; under basis american they are of realised '
'cost and allocated expenses only.';
comment on type finance.waterfall_result is
'All distributions of one fund since its first flow. lp_amount + gp_amount = distributed_amount. unreturned_capital_amount and '
'unpaid_preferred_return_amount: what LPs are still owed of all they paid in, accrued to last_on. gp_profit_share: gp_amount over '
'distributed less contributed, null without a profit. carry_due_amount: the carry on the whole fund''s result; '
'excess_carry_amount: carry paid beyond it; clawback_amount: the lesser of the excess and the carry paid after tax. '
'Without a value for what is still held, the last three say what would be so if nothing else came back.';
comment on type finance.carry_accrual is
'Carry as if everything were sold at value_amount on as_of. carry_on_value_amount: what the tiers would give the GP of the '
'value; clawback_amount: what the GP would give back of carry already paid, after tax; accrued_carry_amount: the GP''s claim on '
'the value, negative where it owes; value_to_lps_amount = value_amount - accrued_carry_amount.';
comment on type finance._waterfall_outcome is 'Internal. What finance._waterfall_walk answers with.';

create or replace function finance._refuse_unknown_keys(given jsonb, allowed text [], subject text) returns void
language plpgsql immutable parallel safe
as $$
declare
    strange text;
begin
    if jsonb_typeof(given) <> 'object' then
        raise invalid_parameter_value using
            message = format('%s must be a JSON object, not %s', subject, jsonb_typeof(given)),
            hint = format('Allowed keys: %s.', array_to_string(allowed, ', '));
    end if;
    select min(k) into strange from jsonb_object_keys(given) as k where k <> all(allowed);
    if strange is not null then
        raise invalid_parameter_value using
            message = format('%s has no key %L', subject, strange),
            hint = format('Allowed keys: %s.', array_to_string(allowed, ', '));
    end if;
end
$$;

comment on function finance._refuse_unknown_keys(jsonb, text [], text) is
'Internal. Raises for a JSON value that is no object, or that has a key which is not allowed: a mistyped term is never ignored.';

create or replace function finance._term_number(
    given jsonb, name text, fallback numeric, lowest numeric, highest numeric, subject text
) returns numeric
language plpgsql immutable parallel safe
as $$
declare
    value numeric;
begin
    -- looked at before it is cast: before Postgres 17 a parallel worker may not catch errors
    if not coalesce(given ->> name ~ '^\s*[-+]?[0-9]*\.?[0-9]+([eE][-+]?[0-9]{1,3})?\s*$', true) then
        raise invalid_parameter_value using
            message = format('%s: %s is %s, which is no number', subject, name, given -> name),
            hint = 'Numbers are written out, 5000000 or "5000000"; rates are fractions: 0.08 is 8 %.';
    end if;
    value := coalesce((given ->> name)::numeric, fallback);
    if value is null then
        raise invalid_parameter_value using
            message = format('%s: %s is missing', subject, name),
            hint = format('Give a number from %s to %s; rates are fractions: 0.2 is 20 %%.', lowest, coalesce(highest::text, 'any'));
    end if;
    if value < lowest or value > highest then
        raise invalid_parameter_value using
            message = format('%s: %s is %s', subject, name, value),
            hint = format('Allowed: from %s to %s; rates are fractions: 0.2 is 20 %%.', lowest, coalesce(highest::text, 'any'));
    end if;
    return value;
end
$$;

comment on function finance._term_number(jsonb, text, numeric, numeric, numeric, text) is
'Internal. A number among named terms, or its fallback; raises when it is missing without one, or out of range.';

create or replace function finance._term_integer(
    given jsonb, name text, fallback integer, lowest integer, highest integer, subject text
) returns integer
language plpgsql immutable parallel safe
as $$
declare
    value constant numeric := finance._term_number(given, name, fallback, lowest, highest, subject);
begin
    if value <> trunc(value) then
        raise invalid_parameter_value using
            message = format('%s: %s is %s', subject, name, value),
            hint = format('Allowed: whole numbers from %s to %s.', lowest, highest);
    end if;
    return value;
end
$$;

comment on function finance._term_integer(jsonb, text, integer, integer, integer, text) is
'Internal. A whole number among named terms, or its fallback; raises when it is missing without one, out of range or broken.';

create or replace function finance._term_choice(given jsonb, name text, choices text [], subject text) returns text
language plpgsql immutable parallel safe
as $$
declare
    value constant text := coalesce(given ->> name, choices[1]);
begin
    if value <> all(choices) then
        raise invalid_parameter_value using
            message = format('%s: %s is %L', subject, name, value),
            hint = format('Allowed: %s.', array_to_string(choices, ', '));
    end if;
    return value;
end
$$;

comment on function finance._term_choice(jsonb, text, text [], text) is
'Internal. A word among named terms; the first choice is the default.';

create or replace function finance._term_flag(given jsonb, name text, subject text) returns boolean
language plpgsql immutable parallel safe
as $$
begin
    if jsonb_typeof(coalesce(given -> name, 'false')) not in ('boolean', 'null') then
        raise invalid_parameter_value using
            message = format('%s: %s is %s', subject, name, given -> name),
            hint = 'Allowed: true, false.';
    end if;
    return coalesce((given ->> name)::boolean, false);
end
$$;

comment on function finance._term_flag(jsonb, text, text) is 'Internal. True or false among named terms; false where it is not given.';

create or replace function finance.waterfall_terms(terms jsonb) returns finance.waterfall_terms
language plpgsql immutable strict parallel safe
as $$
declare
    subject constant text := 'the terms of a waterfall';
    answer finance.waterfall_terms;
begin
    perform finance._refuse_unknown_keys(terms, array[
        'carry_rate', 'hurdle_rate', 'compounding', 'day_count', 'includes_last_day', 'catch_up_rate', 'catch_up_to',
        'tier_order', 'basis', 'clawback_tax_rate', 'decimals'
    ], subject);
    answer.carry_rate := finance._term_number(terms, 'carry_rate', null, 0, 0.99, subject);
    answer.hurdle_rate := finance._term_number(terms, 'hurdle_rate', 0, 0, 10, subject);
    answer.compounding := finance._term_choice(terms, 'compounding', array['exponential', 'simple', 'annual', 'semiannual', 'quarterly', 'monthly'], subject);
    answer.day_count := finance._term_choice(terms, 'day_count', finance._day_counts(), subject);
    answer.includes_last_day := finance._term_flag(terms, 'includes_last_day', subject);
    answer.catch_up_rate := finance._term_number(terms, 'catch_up_rate', 1, 0, 1, subject);
    answer.catch_up_to := finance._term_choice(terms, 'catch_up_to', array['profit', 'preferred_return'], subject);
    answer.tier_order := finance._term_choice(terms, 'tier_order', array['capital_first', 'preferred_return_first'], subject);
    answer.basis := finance._term_choice(terms, 'basis', array['european', 'american'], subject);
    answer.clawback_tax_rate := finance._term_number(terms, 'clawback_tax_rate', 0, 0, 1, subject);
    answer.decimals := finance._term_integer(terms, 'decimals', 2, 0, 12, subject);
    return answer;
end
$$;

comment on function finance.waterfall_terms(jsonb) is
'The terms of a waterfall from named keys; an unknown key or a value out of range is an error that lists what is allowed. '
'carry_rate (required, fraction); hurdle_rate (0: no preferred return); compounding exponential ((1+h)^years on capital and '
'unpaid return: an IRR hurdle), simple, or annual, semiannual, quarterly, monthly (simple within each period since the first flow, then added to the base); '
'day_count as in finance.year_fraction (ACT/365F); includes_last_day (false: the day of a distribution earns nothing); '
'catch_up_rate (1: full; 0: none, a hard hurdle); catch_up_to profit (carry of return and catch-up together) or preferred_return '
'(carry of the return alone); tier_order capital_first or preferred_return_first; basis european (whole fund) or american (deal '
'by deal); clawback_tax_rate (0); decimals of the currency (2). Source: METRICS sections 8 and 8.1.';

create or replace function finance._years(day_count text, from_date date, to_date date) returns numeric
language plpgsql immutable strict parallel safe
as $$
declare
    counted record;
begin
    counted := finance._accrual_days(day_count, from_date, to_date);
    return round(counted.days, 30) / counted.basis;
end
$$;

comment on function finance._years(text, date, date) is
'Internal. finance.year_fraction in numeric, to 30 decimals.';

create or replace function finance._compound_growth(rate numeric, years numeric) returns numeric
language sql immutable strict parallel safe
as $$
    -- a whole number of years multiplies exactly; round() gives power() its decimals
    select case
        when years = trunc(years) then round(power(round(1 + rate, 30), trunc(years)), 30)
        else round(power(round(1 + rate, 30), round(years, 30)), 30)
    end - 1
$$;

comment on function finance._compound_growth(numeric, numeric) is 'Internal. (1 + rate)^years - 1 to 30 decimals.';
