-- finance.liquidity_payouts: who receives what when the company is sold or dissolved before SAFEs and notes have converted.
-- METRICS section 11. A round in which they convert is in 91 to 93.
do $$
begin
    if to_regtype('finance.liquidity_row') is null then
        create type finance.liquidity_row as (
            row_number integer,
            holder text,
            class text,
            instrument text,
            takes text,
            claim_amount numeric,
            shares numeric,
            amount numeric
        );
    end if;
end
$$;

comment on type finance.liquidity_row is
'What one holding, SAFE or note receives of the proceeds of a sale or a dissolution. takes: shares (a holding), cap or discount (as '
'converted), cash (principal and interest, or as much of it as there is). claim_amount: principal and interest of an instrument. shares: '
'held, or what an instrument converts into, to 12 decimals; null for cash. amount: in the currency of the proceeds; rows sum to them.';

create or replace function finance.liquidity_payouts(holdings jsonb, instruments jsonb, terms jsonb) returns setof finance.liquidity_row
language plpgsql immutable parallel safe
as $$
declare
    subject constant text := 'the terms of a liquidity event';
    proceeds numeric;
    is_sale boolean;
    decimals integer;
    held finance.liquidity_row [] := '{}';
    converting finance._round_instrument [];
    i finance._round_instrument;
    one record;
    r finance.liquidity_row;
    n integer;
    common numeric := 0;
    takes text [] := '{}';
    asked numeric [] := '{}';
    cash numeric;
    discounted numeric;
    stacked numeric;
    by_shares numeric;
    left_over numeric;
    price numeric;
    is_settled boolean := false;
    rank_kind text;
    parts numeric [] := '{}';
begin
    if holdings is null or terms is null then
        return;
    end if;
    perform finance._refuse_unknown_keys(terms, array['proceeds', 'event', 'closing_on', 'decimals'], subject);
    proceeds := finance._term_number(terms, 'proceeds', null, 0, null, subject);
    is_sale := finance._term_choice(terms, 'event', array['sale', 'dissolution'], subject) = 'sale';
    decimals := finance._term_integer(terms, 'decimals', 2, 0, 12, subject);
    for one in select * from finance._round_holdings(holdings) where class <> 'pool' loop
        r.holder := one.holder;
        r.class := one.class;
        r.takes := 'shares';
        r.shares := one.shares;
        common := common + one.shares;
        held := held || r;
    end loop;
    if common = 0 then
        raise invalid_parameter_value using
            message = 'the holdings have 0 shares outside of the pool',
            hint = 'Give founders, employees and earlier investors as [{"holder", "class", "shares"}]; the unissued pool receives nothing.';
    end if;
    converting := array(select c from finance._round_instruments(instruments, finance._term_date(terms, 'closing_on', subject)) as c);
    n := cardinality(converting);

    -- Each capped instrument starts as converted and leaves when it has more without its cap: that only lowers what is left for
    -- the others, so none comes back and the last choice is one in which nobody would choose differently.
    for j in 1..n loop
        i := converting[j];
        takes := takes || case
            when not is_sale then 'cash' when i.cap is not null then 'cap' when i.discount > 0 then 'discount' else 'cash'
        end;
    end loop;
    while not is_settled loop
        cash := 0;
        discounted := 0;
        stacked := 0;
        by_shares := common;
        for j in 1..n loop
            i := converting[j];
            if takes[j] = 'cash' then
                cash := cash + i.amount;
            elsif takes[j] = 'discount' then
                discounted := discounted + round(i.amount, 40) / (1 - i.discount);
            elsif i.cap_basis = 'post_money' then
                stacked := stacked + round(i.amount, 40) / i.cap;
            else
                by_shares := by_shares + round(i.amount * common, 40) / i.cap;
            end if;
        end loop;
        -- cash is paid before shares; a converted post-money SAFE owns its part of all that shares receive
        left_over := greatest(proceeds - cash, 0);
        price := round(left_over * (1 - stacked) - discounted, 40) / by_shares;
        is_settled := true;
        for j in 1..n loop
            i := converting[j];
            asked[j] := case
                when takes[j] = 'cash' then i.amount
                when takes[j] = 'discount' then round(i.amount, 40) / (1 - i.discount)
                when i.cap_basis = 'post_money' then round(left_over * i.amount, 40) / i.cap
                else round(i.amount * common, 40) / i.cap * price
            end;
            if takes[j] = 'cap' and asked[j] * (1 - i.discount) < i.amount then
                takes[j] := case when i.discount > 0 then 'discount' else 'cash' end;
                is_settled := false;
            end if;
        end loop;
        if is_settled and price <= 0 and stacked >= 1 then
            raise invalid_parameter_value using
                message = format('SAFEs and notes convert into %s of the company, so nothing is left for its shares', round(stacked, 4)),
                hint = 'Amounts over post-money caps must sum to less than 1.';
        end if;
        -- a discount on a price that would not be above zero is none
        if is_settled and price <= 0 and discounted > 0 then
            takes := array_replace(takes, 'discount', 'cash');
            is_settled := false;
        end if;
    end loop;

    -- not enough for all cash: notes before SAFEs, each in proportion; nothing is left for shares
    parts := asked;
    if cash > proceeds then
        left_over := proceeds;
        foreach rank_kind in array array['note', 'safe'] loop
            select coalesce(sum(c.amount), 0) into cash from unnest(converting) as c where c.kind = rank_kind;
            for j in 1..n loop
                continue when converting[j].kind <> rank_kind or cash <= left_over;
                parts[j] := round(left_over * converting[j].amount, 40) / cash;
            end loop;
            left_over := greatest(left_over - cash, 0);
        end loop;
    end if;
    for j in 1..cardinality(held) loop
        parts := parts || round(greatest(price, 0) * held[j].shares, 40);
    end loop;
    -- the divisions' last digit goes to the largest part, then whole cents
    select array_agg(p.part + case when p.place = 1 then proceeds - p.total else 0 end order by p.k) into parts
    from (
        select
            x.part,
            x.k,
            sum(x.part) over () as total,
            row_number() over (order by x.part desc, x.k) as place
        from unnest(parts) with ordinality as x (part, k)
    ) as p;
    parts := finance._round_to_sum(parts, decimals);

    for j in 1..cardinality(held) loop
        r := held[j];
        r.row_number := j;
        r.amount := parts[n + j];
        return next r;
    end loop;
    for j in 1..n loop
        i := converting[j];
        r := null;
        r.row_number := cardinality(held) + j;
        r.holder := i.holder;
        r.class := i.kind;
        r.instrument := i.name;
        r.claim_amount := i.amount;
        r.takes := takes[j];
        r.shares := case when takes[j] <> 'cash' and price > 0 then trim_scale(round(round(asked[j], 40) / price, 12)) end;
        r.amount := parts[j];
        return next r;
    end loop;
end
$$;

comment on function finance.liquidity_payouts(jsonb, jsonb, jsonb) is
'Who receives what of the proceeds when the company is sold or dissolved with SAFEs and notes outstanding, a row for each holder and '
'instrument, as finance.liquidity_row. holdings, instruments: as in finance.cap_table; the unissued pool receives nothing. terms: {proceeds, '
'event sale (the greater of principal and what it converts into at its cap or discount) or dissolution (principal), closing_on (of '
'interest), decimals (2)}. Cash is paid before shares; '
'where it exceeds the proceeds notes come before SAFEs, each in proportion. No rows when holdings or terms are null. Source: METRICS section 11 (YC post-money SAFE, sections 1(b) to 1(d)).';
