-- finance.cap_table and finance.priced_round: a round from its holders, instruments and term sheet. METRICS section 11.

create or replace function finance._share_count(amount numeric, price numeric, whole_shares boolean) returns numeric
language sql immutable parallel safe
as $$
    -- 20 decimals first: a quotient that is whole must not be floored to the share below it
    select case
        when whole_shares then floor(round(round(amount, 40) / price, 20))
        else trim_scale(round(round(amount, 40) / price, 12))
    end
$$;

comment on function finance._share_count(numeric, numeric, boolean) is 'Internal. Shares that an amount buys at a price, to 12 decimals.';

create or replace function finance._shares_of_one(parts numeric []) returns numeric []
language sql immutable strict parallel safe
as $$
    -- the largest part takes what the divisions lost, so that the fractions sum to 1 exactly
    select finance._round_to_sum(
        array_agg(
            f.fraction + case when f.by_size = 1 then 1 - f.whole else 0 end
            order by f.k
        ), 15
    )
    from (
        select
            q.k,
            q.fraction,
            sum(q.fraction) over () as whole,
            row_number() over (order by q.fraction desc, q.k) as by_size
        from (
            select
                p.k,
                round(p.part, 40) / sum(p.part) over () as fraction
            from unnest(parts) with ordinality as p (part, k)
        ) as q
    ) as f
$$;

comment on function finance._shares_of_one(numeric []) is 'Internal. Each part''s fraction of the sum, to 15 decimals; they sum to 1.';

create or replace function finance._solved_round(
    holdings jsonb, instruments jsonb, terms jsonb, out price numeric, out table_rows finance.cap_table_row []
)
language plpgsql immutable parallel safe
as $$
declare
    t finance._round_terms;
    i finance._round_instrument;
    converting finance._round_instrument [];
    r finance.cap_table_row;
    one record;
    s record;
    existing numeric := 0;
    pool numeric := 0;
    own_price numeric;
    others numeric;
    total numeric;
    total_before numeric;
    before numeric [];
    after numeric [];
    counted numeric;
    stacked numeric := 0;
    is_last boolean;
    converted finance.cap_table_row [] := '{}';
begin
    if holdings is null or terms is null then
        return;
    end if;
    table_rows := '{}';
    t := finance._round_terms_of(terms);
    converting := array(select c from finance._round_instruments(instruments, finance._term_date(terms, 'closing_on', 'the terms of a round')) as c);
    for one in select * from finance._round_holdings(holdings) loop
        existing := existing + one.shares;
        pool := pool + case when one.class = 'pool' then one.shares else 0 end;
        r := null;
        r.holder := one.holder;
        r.class := one.class;
        r.shares := one.shares;
        r.shares_before := one.shares;
        table_rows := table_rows || r;
    end loop;
    if existing - pool <= 0 then
        raise invalid_parameter_value using
            message = format('the holdings have %s shares outside of the pool', existing - pool),
            hint = 'Give founders, employees and earlier investors as [{"holder", "class", "shares"}]; class pool is the unissued pool.';
    end if;
    if not t.has_price then
        foreach i in array converting loop
            if i.cap is null then
                raise invalid_parameter_value using
                    message = format('%s has no cap, so what it converts into is not known before there is a price', i.name),
                    hint = 'Give the terms of a round (pre_money, new_money), or leave the instrument out.';
            end if;
        end loop;
    end if;
    s := finance._round_solution(existing, pool, t, converting, case when not t.has_price then 0 end);
    if t.has_price then
        price := round(round(1::numeric, 60) / s.x, coalesce(t.price_decimals, 40));
        if t.price_decimals is not null then
            if price = 0 then
                raise invalid_parameter_value using
                    message = format('a price of %s is zero to %s decimals', trim_scale(round(1 / s.x, 20)), t.price_decimals),
                    hint = 'Give more price_decimals.';
            end if;
            s := finance._round_solution(existing, pool, t, converting, round(1::numeric, 40) / price);
        end if;
    end if;

    -- post-money SAFEs own their part of a capitalization that counts the shares which the others in fact receive (they may be
    -- rounded), so they come last
    counted := existing;
    foreach is_last in array array[false, true] loop
        for j in 1..cardinality(converting) loop
            i := converting[j];
            continue when is_last <> (s.at_cap[j] and i.cap_basis = 'post_money');
            own_price := case
                when is_last then i.cap * (1 - stacked) / counted
                when not s.at_cap[j] then price * (1 - i.discount)
                when i.cap_basis = 'pre_money' then round(i.cap, 40) / s.l
                else round(i.cap, 40) / existing
            end;
            own_price := round(own_price, coalesce(i.price_decimals, 40));
            r := null;
            r.holder := i.holder;
            r.instrument := i.name;
            r.class := i.kind;
            r.invested_amount := i.principal;
            r.converted_amount := i.amount;
            r.price_basis := case when s.at_cap[j] then 'cap' when i.discount > 0 then 'discount' else 'round' end;
            r.price := own_price;
            r.shares := finance._share_count(i.amount, own_price, t.whole_shares);
            r.shares_before := r.shares;
            converted[j] := r;
            if not is_last then
                counted := counted + r.shares;
            end if;
        end loop;
        select coalesce(sum(round(c.amount, 40) / c.cap), 0) into stacked
        from unnest(converting) with ordinality as c
        where s.at_cap[c.ordinality] and c.cap_basis = 'post_money';
    end loop;
    table_rows := table_rows || converted;
    others := existing - pool + coalesce((select sum(c.shares) from unnest(converted) as c), 0);
    for one in
        select e ->> 'holder' as holder, (e ->> 'amount')::numeric as amount
        from finance._term_list(
            coalesce(nullif(terms -> 'investors', 'null'), jsonb_build_array(jsonb_build_object('holder', 'New money', 'amount', t.new_money))), 'investors'
        ) as e
    loop
        continue when one.amount = 0;
        r := null;
        r.holder := one.holder;
        r.class := 'new';
        r.invested_amount := one.amount;
        r.price_basis := 'round';
        r.price := price;
        r.shares := finance._share_count(one.amount, price, t.whole_shares);
        r.shares_before := 0;
        others := others + r.shares;
        table_rows := table_rows || r;
    end loop;
    r := null;
    r.holder := 'Option pool increase';
    r.class := 'pool_increase';
    r.shares_before := 0;
    r.shares := coalesce(
        t.pool_increase, greatest(round(t.pool_target * others, 40) / (1 - t.pool_target) - pool, 0), 0
    );
    r.shares := case when t.whole_shares then floor(round(r.shares, 20)) else trim_scale(round(r.shares, 12)) end;
    if r.shares > 0 then
        table_rows := table_rows || r;
    end if;

    select sum(x.shares), sum(x.shares_before) into total, total_before from unnest(table_rows) as x;
    after := finance._shares_of_one(array(select x.shares from unnest(table_rows) with ordinality as x order by x.ordinality));
    before := finance._shares_of_one(array(select x.shares_before from unnest(table_rows) with ordinality as x order by x.ordinality));
    for j in 1..cardinality(table_rows) loop
        r := table_rows[j];
        r.row_number := j;
        r.ownership := after[j];
        r.ownership_before := before[j];
        r.value_amount := trim_scale(round(r.shares * price, 12));
        r.preference_amount := trim_scale(round(r.shares * r.price, 12));
        r.price := trim_scale(round(r.price, 20));
        table_rows[j] := r;
    end loop;
end
$$;

comment on function finance._solved_round(jsonb, jsonb, jsonb) is 'Internal. The price and the cap table of a round.';

create or replace function finance.cap_table(holdings jsonb, instruments jsonb, terms jsonb) returns setof finance.cap_table_row
language sql immutable parallel safe
as $$
    select t.* from unnest((finance._solved_round(holdings, instruments, terms)).table_rows) as t
$$;

comment on function finance.cap_table(jsonb, jsonb, jsonb) is
'The cap table after a priced round, a row for each holder, SAFE, note and new investor, as finance.cap_table_row; price, pool and '
'conversions are solved together and exactly. holdings: [{holder, class, shares}], class common, preferred, options, promised, warrants '
'or pool (unissued). instruments: [{name, holder, kind safe or note, amount, cap, cap_basis post_money, pre_money or existing, discount, '
'mfn_of, price_decimals; notes: rate, issued_on, matures_on, compounding, day_count}]. terms: {pre_money or post_money or ownership, '
'new_money or investors [{holder, amount}], convention percent_ownership, dollars_invested or pre_money, pool_increase or pool_target, '
'price_decimals, whole_shares, closing_on}; {} is the table before a round, everything at its cap. Fractions, shares and amounts not '
'negative. No rows when holdings or terms are null. Source: METRICS section 11 (YC post-money SAFE guide, Cooley GO).';

create or replace function finance.priced_round(holdings jsonb, instruments jsonb, terms jsonb) returns finance.round_result
language plpgsql immutable parallel safe
as $$
declare
    solved constant record := finance._solved_round(holdings, instruments, terms);
    r finance.round_result;
begin
    if solved.table_rows is null then
        return null;
    end if;
    select
        coalesce(sum(c.invested_amount) filter (where c.class = 'new'), 0),
        coalesce(sum(c.converted_amount), 0),
        sum(c.shares) filter (where c.class not in ('safe', 'note', 'new', 'pool_increase')),
        coalesce(sum(c.shares) filter (where c.class in ('safe', 'note')), 0),
        coalesce(sum(c.shares) filter (where c.class = 'pool_increase'), 0),
        coalesce(sum(c.shares) filter (where c.class = 'new'), 0),
        sum(c.shares)
    into
        r.new_money_amount, r.converted_amount, r.existing_shares, r.converted_shares, r.pool_increase_shares, r.new_shares,
        r.total_shares
    from unnest(solved.table_rows) as c;
    r.company_capitalization := r.existing_shares + r.converted_shares;
    r.price := trim_scale(round(solved.price, 20));
    if r.price is not null then
        r.pre_money_amount := trim_scale(round((finance._round_terms_of(terms)).pre_money, 20));
        r.post_money_amount := trim_scale(round(solved.price * r.total_shares, 12));
        r.effective_pre_money_amount := trim_scale(round(solved.price * r.existing_shares, 12));
    end if;
    return r;
end
$$;

comment on function finance.priced_round(jsonb, jsonb, jsonb) is
'The sums of finance.cap_table, with the price, as finance.round_result; same arguments. Null when holdings or terms are null.';
