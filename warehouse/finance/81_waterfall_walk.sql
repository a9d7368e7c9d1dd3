-- The walk of a waterfall through dated flows: what LPs are owed accrues, a distribution passes through the tiers.
-- METRICS 8.1, for the whole fund (european) and deal by deal (american). Flows arrive here as arrays, in any order.

create or replace function finance._round_to_sum(parts numeric [], decimals integer) returns numeric []
language plpgsql immutable strict parallel safe
as $$
declare
    -- largest remainder: all are cut, the units that are left go to the largest remainders, the first of equals first;
    -- what the sum itself has below a unit goes to the largest part
    n constant integer := cardinality(parts);
    unit constant numeric := ('1e-' || decimals)::numeric;
    answer numeric [] := parts;
    remainders numeric [] := parts;
    remainder_sum numeric := 0;
    largest integer := 1;
    next_one integer;
begin
    for k in 1..n loop
        answer[k] := round(trunc(parts[k], decimals), decimals);
        remainders[k] := parts[k] - answer[k];
        remainder_sum := remainder_sum + remainders[k];
        if parts[k] > parts[largest] then
            largest := k;
        end if;
    end loop;
    while remainder_sum >= unit loop
        next_one := 1;
        for k in 2..n loop
            if remainders[k] > remainders[next_one] then
                next_one := k;
            end if;
        end loop;
        answer[next_one] := answer[next_one] + unit;
        remainders[next_one] := -1;
        remainder_sum := remainder_sum - unit;
    end loop;
    if remainder_sum <> 0 then
        answer[largest] := trim_scale(answer[largest] + remainder_sum);
    end if;
    return answer;
end
$$;

comment on function finance._round_to_sum(numeric [], integer) is
'Internal. Parts (none negative) rounded to decimals by largest remainder, so that they still sum to the same.';

create or replace function finance._accrued(
    capital numeric [], unpaid numeric [], from_date date, to_date date, terms finance.waterfall_terms
) returns numeric []
language plpgsql immutable parallel safe
as $$
declare
    -- ledgers side by side: capital not returned, preferred return not paid
    years constant numeric := finance._years(terms.day_count, from_date, to_date);
    earns_on_unpaid constant boolean := terms.compounding = 'exponential';
    growth constant numeric
        := case when earns_on_unpaid then finance._compound_growth(terms.hurdle_rate, years) else terms.hurdle_rate * years end;
    answer numeric [] := unpaid;
begin
    for k in 1..cardinality(capital) loop
        answer[k] := unpaid[k] + round((capital[k] + case when earns_on_unpaid then unpaid[k] else 0 end) * growth, 30);
    end loop;
    return answer;
end
$$;

comment on function finance._accrued(numeric [], numeric [], date, date, finance.waterfall_terms) is
'Internal. What is unpaid of the preferred return after a stretch of time, simple or compounding by exponent.';

create or replace function finance._accrued_by_anniversary(
    capital numeric [], unpaid numeric [], capitalised numeric [],
    from_date date, to_date date, first_on date, terms finance.waterfall_terms,
    out unpaid_then numeric [], out capitalised_then numeric []
)
language plpgsql immutable parallel safe
as $$
declare
    months constant integer := case terms.compounding
        when 'annual' then 12
        when 'semiannual' then 6
        when 'quarterly' then 3
        when 'monthly' then 1
    end;
    growth numeric;
    since date := from_date;
    anniversary date;
    period_number integer;
begin
    unpaid_then := unpaid;
    capitalised_then := capitalised;
    loop
        -- a period later is in a later month than since; whether this one is past depends on the day
        period_number := (
            12 * (extract(year from since) - extract(year from first_on)) + extract(month from since) - extract(month from first_on)
        )::integer / months;
        if first_on + make_interval(months => months * period_number) <= since then
            period_number := period_number + 1;
        end if;
        anniversary := first_on + make_interval(months => months * period_number);
        growth := terms.hurdle_rate * finance._years(terms.day_count, since, least(to_date, anniversary));
        for k in 1..cardinality(capital) loop
            unpaid_then[k] := unpaid_then[k] + round((capital[k] + capitalised_then[k]) * growth, 30);
        end loop;
        exit when anniversary > to_date;
        capitalised_then := unpaid_then;
        since := anniversary;
        exit when since = to_date;
    end loop;
end
$$;

comment on function finance._accrued_by_anniversary(numeric [], numeric [], numeric [], date, date, date, finance.waterfall_terms) is
'Internal. Preferred return that is added to the base at each end of a period of months since first_on: what is unpaid after a stretch '
'of time, and the part of it that earns.';

create or replace function finance._catch_up_size(preferred_return numeric, terms finance.waterfall_terms) returns numeric
language sql immutable parallel safe
as $$
    select case
        when terms.catch_up_rate = 0 or terms.carry_rate = 0 or preferred_return = 0 then 0
        when terms.catch_up_to = 'preferred_return' then round(terms.carry_rate * preferred_return, 30) / terms.catch_up_rate
        when terms.catch_up_rate > terms.carry_rate
            then round(terms.carry_rate * preferred_return, 30) / (terms.catch_up_rate - terms.carry_rate)
        else 'Infinity'
    end
$$;

comment on function finance._catch_up_size(numeric, finance.waterfall_terms) is
'Internal. What must pass through the catch-up tier, LPs'' part included, until it is full: carry * pref / (c - carry).';

create or replace function finance._carry_due(
    profit numeric, preferred_return numeric, terms finance.waterfall_terms
) returns numeric
language sql immutable parallel safe
as $$
    select round(terms.catch_up_rate * t.catch_up + terms.carry_rate * (t.above - t.catch_up), terms.decimals)
    from (
        select
            a.above,
            least(a.above, finance._catch_up_size(preferred_return, terms)) as catch_up
        from (select greatest(profit - preferred_return, 0) as above) as a
    ) as t
$$;

comment on function finance._carry_due(numeric, numeric, finance.waterfall_terms) is
'Internal. Carry on a whole fund''s profit, of which LPs are owed preferred_return first.';

create or replace function finance._move_share(
    inout capital numeric [], inout unpaid numeric [], inout capitalised numeric [], ledger integer, share numeric, moved numeric
)
language plpgsql immutable parallel safe
as $$
begin
    capital[1] := capital[1] + moved;
    capital[ledger] := capital[ledger] - moved;
    unpaid[1] := unpaid[1] + round(unpaid[ledger] * share, 30);
    unpaid[ledger] := unpaid[ledger] - round(unpaid[ledger] * share, 30);
    capitalised[1] := capitalised[1] + round(capitalised[ledger] * share, 30);
    capitalised[ledger] := capitalised[ledger] - round(capitalised[ledger] * share, 30);
end
$$;

comment on function finance._move_share(numeric [], numeric [], numeric [], integer, numeric, numeric) is
'Internal. Moves capital from one ledger to what LPs are owed now, with its share of the preferred return earned on it.';

create or replace function finance._waterfall_walk(
    amounts numeric [], dates date [], deals text [], realised_costs numeric [], terms finance.waterfall_terms,
    value numeric, as_of date, wants_tiers boolean
) returns finance._waterfall_outcome
language plpgsql immutable parallel safe
as $$
declare
    -- ledgers: 1 what LPs are owed now, 2 fees and expenses not yet allocated, 3 what LPs are owed of all they paid in,
    -- 4.. one for each deal's unrealised cost. Under basis european all that is paid in is owed at once.
    deal_names constant text []
        := case when terms.basis = 'american' then array(select distinct d from unnest(deals) as d where d is not null order by d) else '{}' end;
    ledgers constant integer := 3 + cardinality(deal_names);
    capital numeric [] := array_fill(0::numeric, array[ledgers]);
    unpaid numeric [] := capital;
    capitalised numeric [] := capital;
    is_american constant boolean := terms.basis = 'american';
    r finance.waterfall_result;
    outcome finance._waterfall_outcome;
    one_day record;
    clock date;
    earns_until date;
    is_paying boolean;
    distributable numeric;
    invested numeric := 0;
    realised numeric := 0;
    expenses numeric := 0;
    expenses_allocated numeric := 0;
    preferred_paid_of_all numeric := 0;
    share numeric;
    moved numeric;
    k integer;
    tier_amounts numeric [];
    parts numeric [];
    paid numeric [];
    lp_left numeric;
    to_capital numeric;
    number integer := 0;
    profit numeric;
begin
    outcome.tiers := '{}';
    select 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 into
        r.contributed_amount, r.distributed_amount, r.lp_amount, r.gp_amount, r.returned_capital_amount,
        r.preferred_return_amount, r.catch_up_amount, r.catch_up_gp_amount, r.split_amount, r.split_gp_amount;

    for one_day in
        select
            e.on_date,
            coalesce(sum(e.amount) filter (where e.amount > 0), 0) as received,
            array_agg(e.deal order by e.deal, e.amount, e.realised_cost) as deals,
            array_agg(e.amount order by e.deal, e.amount, e.realised_cost) as amounts,
            array_agg(e.realised_cost order by e.deal, e.amount, e.realised_cost) as realised_costs,
            false as is_liquidation
        from unnest(amounts, dates, deals, realised_costs) as e (amount, on_date, deal, realised_cost)
        where as_of is null or e.on_date <= as_of
        group by e.on_date
        union all
        select as_of, greatest(value, 0), '{}', '{}', '{}', true where as_of is not null
        order by 1, 6
    loop
        r.first_on := coalesce(r.first_on, one_day.on_date);
        r.last_on := one_day.on_date;
        clock := coalesce(clock, one_day.on_date);
        is_paying := one_day.received > 0 or one_day.is_liquidation
            or exists (select from unnest(one_day.realised_costs) as c where c > 0);
        for half in 1..case when is_paying then 2 else 1 end loop
            -- up to the day, then what was paid in, then the day itself where the agreement lets it earn
            earns_until := one_day.on_date + case when half = 2 and terms.includes_last_day then 1 else 0 end;
            if terms.hurdle_rate > 0 and earns_until > clock then
                if terms.compounding not in ('exponential', 'simple') then
                    select * into unpaid, capitalised
                    from finance._accrued_by_anniversary(capital, unpaid, capitalised, clock, earns_until, r.first_on, terms);
                else
                    unpaid := finance._accrued(capital, unpaid, clock, earns_until, terms);
                end if;
            end if;
            clock := greatest(clock, earns_until);
            continue when half = 2;
            for i in 1..cardinality(one_day.amounts) loop
                continue when one_day.amounts[i] >= 0;
                moved := -one_day.amounts[i];
                r.contributed_amount := r.contributed_amount + moved;
                capital[3] := capital[3] + moved;
                k := case
                    when not is_american then 1
                    when one_day.deals[i] is null then 2
                    else 3 + array_position(deal_names, one_day.deals[i])
                end;
                capital[k] := capital[k] + moved;
                if k = 2 then
                    expenses := expenses + moved;
                elsif k > 3 then
                    invested := invested + moved;
                end if;
            end loop;
        end loop;
        continue when not is_paying;

        if is_american then
            -- cost that was sold, written down or, in a liquidation, all of it becomes owed, with what it has earned
            for i in 1..cardinality(one_day.realised_costs) loop
                continue when coalesce(one_day.realised_costs[i], 0) = 0;
                k := 3 + array_position(deal_names, one_day.deals[i]);
                moved := one_day.realised_costs[i];
                if k is null or moved > capital[k] then
                    raise invalid_parameter_value using
                        message = format(
                            'finance.waterfall: realised cost %s of deal %L on %s exceeds the %s of it that is paid in and not yet realised',
                            moved, one_day.deals[i], one_day.on_date, coalesce(capital[k], 0)
                        ),
                        hint = 'realised_cost is the cost of the part that was sold or written down on that date; 0 for income.';
                end if;
                share := round(moved, 30) / capital[k];
                select * into capital, unpaid, capitalised
                from finance._move_share(capital, unpaid, capitalised, k, share, moved);
                realised := realised + moved;
            end loop;
            if one_day.is_liquidation then
                for k in 4..ledgers loop
                    realised := realised + capital[k];
                    select * into capital, unpaid, capitalised
                    from finance._move_share(capital, unpaid, capitalised, k, 1, capital[k]);
                end loop;
            end if;
            moved := case
                when invested = 0 or one_day.is_liquidation then capital[2]
                else least(greatest(expenses * (round(realised, 30) / invested) - expenses_allocated, 0), capital[2])
            end;
            if moved > 0 then
                share := round(moved, 30) / capital[2];
                select * into capital, unpaid, capitalised
                from finance._move_share(capital, unpaid, capitalised, 2, share, moved);
                expenses_allocated := expenses_allocated + moved;
            end if;
        end if;

        if one_day.is_liquidation then
            outcome.carry_before_value := r.gp_amount;
        end if;
        distributable := one_day.received;
        continue when distributable = 0;

        -- the tiers before rounding: capital and preferred return in their order, catch-up, split
        if terms.tier_order = 'capital_first' then
            tier_amounts[1] := least(distributable, capital[1]);
            tier_amounts[2] := least(distributable - tier_amounts[1], unpaid[1]);
        else
            tier_amounts[2] := least(distributable, unpaid[1]);
            tier_amounts[1] := least(distributable - tier_amounts[2], capital[1]);
        end if;
        distributable := distributable - tier_amounts[1] - tier_amounts[2];
        tier_amounts[3] := least(distributable, greatest(
            finance._catch_up_size(r.preferred_return_amount + tier_amounts[2], terms) - r.catch_up_amount, 0
        ));
        tier_amounts[4] := distributable - tier_amounts[3];
        -- the GP's part of a tier is what it is owed of that tier to date, so roundings do not add up
        parts := array[
            tier_amounts[1],
            tier_amounts[2],
            0, least(greatest(terms.catch_up_rate * (r.catch_up_amount + tier_amounts[3]) - r.catch_up_gp_amount, 0), tier_amounts[3]),
            0, least(greatest(terms.carry_rate * (r.split_amount + tier_amounts[4]) - r.split_gp_amount, 0), tier_amounts[4])
        ];
        parts[3] := tier_amounts[3] - parts[4];
        parts[5] := tier_amounts[4] - parts[6];
        paid := finance._round_to_sum(parts, terms.decimals);

        capital[1] := case when parts[1] = capital[1] then 0 else greatest(capital[1] - paid[1], 0) end;
        unpaid[1] := case when parts[2] = unpaid[1] then 0 else greatest(unpaid[1] - paid[2], 0) end;
        capitalised[1] := least(capitalised[1], unpaid[1]);
        lp_left := paid[1] + paid[2] + paid[3] + paid[5];
        if terms.tier_order = 'capital_first' then
            to_capital := least(lp_left, capital[3]);
        else
            to_capital := least(lp_left - least(lp_left, unpaid[3]), capital[3]);
        end if;
        capital[3] := capital[3] - to_capital;
        moved := least(lp_left - to_capital, unpaid[3]);
        unpaid[3] := unpaid[3] - moved;
        capitalised[3] := least(capitalised[3], unpaid[3]);
        preferred_paid_of_all := preferred_paid_of_all + moved;

        number := number + 1;
        if wants_tiers then
            outcome.tiers := outcome.tiers || array(
                select row(
                    number, one_day.on_date, t.n, t.tier, t.lp + t.gp, t.lp, t.gp,
                    capital[1] + case when t.n < t.capital_n then paid[1] else 0 end,
                    unpaid[1] + case when t.n < t.preferred_n then paid[2] else 0 end
                )::finance.waterfall_tier
                from (
                    select
                        s.*,
                        case when terms.tier_order = 'capital_first' then 1 else 2 end as capital_n,
                        case when terms.tier_order = 'capital_first' then 2 else 1 end as preferred_n
                    from (
                        values
                        (case when terms.tier_order = 'capital_first' then 1 else 2 end, 'return_of_capital', paid[1], 0::numeric),
                        (case when terms.tier_order = 'capital_first' then 2 else 1 end, 'preferred_return', paid[2], 0),
                        (3, 'catch_up', paid[3], paid[4]),
                        (4, 'split', paid[5], paid[6])
                    ) as s (n, tier, lp, gp)
                ) as t
                order by t.n
            );
        end if;
        r.distributed_amount := r.distributed_amount + one_day.received;
        r.lp_amount := r.lp_amount + lp_left;
        r.gp_amount := r.gp_amount + paid[4] + paid[6];
        r.returned_capital_amount := r.returned_capital_amount + paid[1];
        r.preferred_return_amount := r.preferred_return_amount + paid[2];
        r.catch_up_amount := r.catch_up_amount + paid[3] + paid[4];
        r.catch_up_gp_amount := r.catch_up_gp_amount + paid[4];
        r.split_amount := r.split_amount + paid[5] + paid[6];
        r.split_gp_amount := r.split_gp_amount + paid[6];
    end loop;

    -- the whole fund's result: what LPs are owed of all they paid in decides what the GP may keep
    profit := r.distributed_amount + least(coalesce(value, 0), 0) - r.contributed_amount;
    r.unreturned_capital_amount := round(capital[3], terms.decimals);
    r.unpaid_preferred_return_amount := round(unpaid[3], terms.decimals);
    r.gp_profit_share := case when profit > 0 then round(r.gp_amount, 30) / profit end;
    r.carry_due_amount := finance._carry_due(profit, preferred_paid_of_all + unpaid[3], terms);
    r.excess_carry_amount := greatest(r.gp_amount - r.carry_due_amount, 0);
    r.clawback_amount := round(least(r.excess_carry_amount, r.gp_amount * (1 - terms.clawback_tax_rate)), terms.decimals);
    outcome.result := r;
    return outcome;
end
$$;

comment on function finance._waterfall_walk(
    numeric [], date [], text [], numeric [], finance.waterfall_terms, numeric, date, boolean
) is
'Internal. Passes dated flows (paid in negative, distributable positive) through the tiers; with as_of, flows up to it and then '
'value as if everything were sold for it that day.';
