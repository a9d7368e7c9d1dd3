-- Carry as reports accrue it: as if everything still held were sold at its fair value on the reporting date (ASC 946).

create or replace function finance._accrued_carry_append(
    state text, amount numeric, on_date date, deal text, realised_cost numeric, value numeric, as_of date, terms jsonb
) returns text
language plpgsql immutable parallel safe
as $$
declare
    header text;
    flows text;
begin
    -- a state of finance.waterfall after the value, the day and a line break
    if state is null or value is null or as_of is null or terms is null or value in ('NaN', 'Infinity', '-Infinity') then
        return null;
    end if;
    header := trim_scale(value) || ',' || (as_of - date '2000-01-01') || E'\n';
    if state = '' then
        state := header || terms::text || E'\n';
    elsif not starts_with(state, header) then
        raise invalid_parameter_value using
            message = 'finance.accrued_carry was given two different values or dates in one group',
            hint = 'Group by the reporting date; the value held on it and the terms are the same on each row.';
    end if;
    if on_date > as_of then
        return state;
    end if;
    flows := finance._waterfall_append(substr(state, length(header) + 1), amount, on_date, deal, realised_cost, terms);
    return header || flows;
end
$$;

comment on function finance._accrued_carry_append(text, numeric, date, text, numeric, numeric, date, jsonb) is
'Internal. Transition function of finance.accrued_carry.';

create or replace function finance._accrued_carry_append_fund(
    state text, amount numeric, on_date date, value numeric, as_of date, terms jsonb
) returns text
language plpgsql immutable parallel safe
as $$
begin
    perform finance._waterfall_append_fund('', null, null, terms);
    return finance._accrued_carry_append(state, amount, on_date, null, 0, value, as_of, terms);
end
$$;

comment on function finance._accrued_carry_append_fund(text, numeric, date, numeric, date, jsonb) is
'Internal. Transition function of finance.accrued_carry without deals.';

create or replace function finance._accrued_carry_detail_of(state text) returns finance.carry_accrual
language plpgsql immutable strict parallel safe
as $$
declare
    header constant text := split_part(state, E'\n', 1);
    tax_rate numeric;
    outcome finance._waterfall_outcome;
    answer finance.carry_accrual;
begin
    if state = '' then
        return null;
    end if;
    answer.value_amount := split_part(header, ',', 1)::numeric;
    answer.as_of := date '2000-01-01' + split_part(header, ',', 2)::integer;
    outcome := finance._waterfall_run(substr(state, length(header) + 2), answer.value_amount, answer.as_of, false);
    tax_rate := (finance.waterfall_terms(split_part(state, E'\n', 2)::jsonb)).clawback_tax_rate;
    answer.carry_paid_amount := outcome.carry_before_value;
    answer.carry_on_value_amount := (outcome.result).gp_amount - outcome.carry_before_value;
    -- carry not paid yet is given up first; only what goes beyond it is paid back, out of carry after tax
    answer.clawback_amount := round(
        least(
            greatest((outcome.result).excess_carry_amount - answer.carry_on_value_amount, 0),
            answer.carry_paid_amount * (1 - tax_rate)
        ),
        (finance.waterfall_terms(split_part(state, E'\n', 2)::jsonb)).decimals
    );
    answer.accrued_carry_amount
        := greatest(answer.carry_on_value_amount - (outcome.result).excess_carry_amount, 0) - answer.clawback_amount;
    answer.value_to_lps_amount := answer.value_amount - answer.accrued_carry_amount;
    return answer;
end
$$;

comment on function finance._accrued_carry_detail_of(text) is 'Internal. Final function of finance.accrued_carry_detail.';

create or replace function finance._accrued_carry_of(state text) returns numeric
language plpgsql immutable strict parallel safe
as $$
begin
    return (finance._accrued_carry_detail_of(state)).accrued_carry_amount;
end
$$;

comment on function finance._accrued_carry_of(text) is 'Internal. Final function of finance.accrued_carry.';

create or replace aggregate finance.accrued_carry_detail(
    amount numeric, on_date date, value numeric, as_of date, terms jsonb
) (
    sfunc = finance._accrued_carry_append_fund,
    stype = text,
    initcond = '',
    finalfunc = finance._accrued_carry_detail_of,
    parallel = safe
);

comment on aggregate finance.accrued_carry_detail(numeric, date, numeric, date, jsonb) is
'Carry as if the fund were liquidated at value on as_of, as finance.carry_accrual. amount, on_date and terms as in '
'finance.waterfall; flows after as_of do not count, those of the day come before the value. value: what is held, gross of carry, in the '
'currency of amount, the same on each row; null makes the result null. Source: METRICS section 8 (ASC 946).';

create or replace aggregate finance.accrued_carry_detail(
    amount numeric, on_date date, deal text, realised_cost numeric, value numeric, as_of date, terms jsonb
) (
    sfunc = finance._accrued_carry_append,
    stype = text,
    initcond = '',
    finalfunc = finance._accrued_carry_detail_of,
    parallel = safe
);

comment on aggregate finance.accrued_carry_detail(numeric, date, text, numeric, numeric, date, jsonb) is
'The same with deals, for basis american: the value stands for all deals that are still held. See finance.waterfall.';

create or replace aggregate finance.accrued_carry(
    amount numeric, on_date date, value numeric, as_of date, terms jsonb
) (
    sfunc = finance._accrued_carry_append_fund,
    stype = text,
    initcond = '',
    finalfunc = finance._accrued_carry_of,
    parallel = safe
);

comment on aggregate finance.accrued_carry(numeric, date, numeric, date, jsonb) is
'The GP''s claim on the value held on as_of, as if it were distributed that day, negative where the GP owes a clawback. Arguments '
'as in finance.accrued_carry_detail. Source: METRICS section 8 (ASC 946).';

create or replace aggregate finance.accrued_carry(
    amount numeric, on_date date, deal text, realised_cost numeric, value numeric, as_of date, terms jsonb
) (
    sfunc = finance._accrued_carry_append,
    stype = text,
    initcond = '',
    finalfunc = finance._accrued_carry_of,
    parallel = safe
);

comment on aggregate finance.accrued_carry(numeric, date, text, numeric, numeric, date, jsonb) is
'The same with deals, for basis american. See finance.waterfall.';
