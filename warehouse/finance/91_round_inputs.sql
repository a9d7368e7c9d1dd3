-- What a priced round is told: existing holders, SAFEs and notes, and the term sheet, as JSON with validated named keys.
do $$
begin
    if to_regtype('finance._round_instrument') is null then
        create type finance._round_instrument as (
            name text,
            holder text,
            kind text,
            principal numeric,
            amount numeric,
            cap numeric,
            cap_basis text,
            discount numeric,
            price_decimals integer
        );
    end if;
    if to_regtype('finance._round_terms') is null then
        create type finance._round_terms as (
            has_price boolean,
            convention text,
            pre_money numeric,
            new_money numeric,
            pool_increase numeric,
            pool_target numeric,
            price_decimals integer,
            whole_shares boolean
        );
    end if;
    if to_regtype('finance.round_result') is null then
        create type finance.round_result as (
            price numeric,
            pre_money_amount numeric,
            new_money_amount numeric,
            post_money_amount numeric,
            converted_amount numeric,
            existing_shares numeric,
            converted_shares numeric,
            company_capitalization numeric,
            pool_increase_shares numeric,
            new_shares numeric,
            total_shares numeric,
            effective_pre_money_amount numeric
        );
    end if;
    if to_regtype('finance.cap_table_row') is null then
        create type finance.cap_table_row as (
            row_number integer,
            holder text,
            class text,
            instrument text,
            invested_amount numeric,
            converted_amount numeric,
            price_basis text,
            price numeric,
            shares_before numeric,
            ownership_before numeric,
            shares numeric,
            ownership numeric,
            value_amount numeric,
            preference_amount numeric
        );
    end if;
end
$$;

comment on type finance._round_instrument is 'Internal. One SAFE or note with the terms it converts on.';
comment on type finance._round_terms is 'Internal. A term sheet as finance._round_terms_of reads it.';
comment on type finance.round_result is
'A priced round. price: per share; post_money_amount = price * total_shares. company_capitalization: all shares just before the new '
'money, without the round''s pool increase. converted_amount: principal and interest of SAFEs and notes. effective_pre_money_amount: '
'price * existing_shares, what the existing holders keep of the pre-money. Amounts in the term sheet''s currency.';
comment on type finance.cap_table_row is
'One holding of a cap table. class: that of the holding, else safe, note, pool_increase, new. price: paid a share by instruments and '
'new money, told by price_basis (cap, discount, round). *_before: just before the new money, without the round''s pool increase. '
'shares: to 12 decimals unless whole. ownership: fraction of all shares, fully diluted; sums to exactly 1. value_amount: shares at the round''s price. preference_amount: '
'shares at their own price (a Safe Preferred''s preference is what was converted, not the round''s price).';

create or replace function finance._term_optional(given jsonb, name text, lowest numeric, highest numeric, subject text) returns numeric
language sql immutable parallel safe
as $$
    select case when jsonb_typeof(given -> name) <> 'null' then finance._term_number(given, name, null, lowest, highest, subject) end
$$;

comment on function finance._term_optional(jsonb, text, numeric, numeric, text) is
'Internal. A number among named terms, null where it is not given; raises when it is out of range.';

create or replace function finance._term_list(given jsonb, subject text) returns setof jsonb
language plpgsql immutable parallel safe
as $$
begin
    if jsonb_typeof(coalesce(given, '[]')) <> 'array' then
        raise invalid_parameter_value using
            message = format('%s must be a JSON array, not %s', subject, jsonb_typeof(given)),
            hint = 'Aggregate rows with jsonb_agg(jsonb_build_object(...)).';
    end if;
    return query select e from jsonb_array_elements(coalesce(given, '[]')) with ordinality as x (e, k) order by x.k;
end
$$;

comment on function finance._term_list(jsonb, text) is 'Internal. The elements of a JSON array in order; none for null.';

create or replace function finance._term_date(given jsonb, name text, subject text) returns date
language plpgsql immutable parallel safe
as $$
declare
    value constant text := given ->> name;
    first_of_month date;
begin
    if value is null then
        return null;
    end if;
    -- looked at before it is cast, as numbers are
    if value ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' and left(value, 4) <> '0000' then
        first_of_month := make_date(left(value, 4)::integer, substr(value, 6, 2)::integer, 1);
        if right(value, 2)::integer <= extract(day from first_of_month + interval '1 month - 1 day') then
            return first_of_month + right(value, 2)::integer - 1;
        end if;
    end if;
    raise invalid_parameter_value using
        message = format('%s: %s is %s, which is no day', subject, name, given -> name),
        hint = 'Dates are text, year first: "2026-09-30".';
end
$$;

comment on function finance._term_date(jsonb, text, text) is 'Internal. A day among named terms, null where it is not given.';

create or replace function finance._round_holdings(holdings jsonb) returns table (holder text, class text, shares numeric)
language plpgsql immutable parallel safe
as $$
declare
    one jsonb;
    subject text;
begin
    for one in select * from finance._term_list(holdings, 'holdings') loop
        subject := format('the holding of %s', coalesce(one ->> 'holder', '(no holder)'));
        perform finance._refuse_unknown_keys(one, array['holder', 'class', 'shares'], subject);
        holder := one ->> 'holder';
        class := finance._term_choice(one, 'class', array['common', 'preferred', 'options', 'promised', 'warrants', 'pool'], subject);
        shares := finance._term_number(one, 'shares', null, 0, null, subject);
        return next;
    end loop;
end
$$;

comment on function finance._round_holdings(jsonb) is 'Internal. Existing holders from JSON, validated.';

create or replace function finance._round_instruments(instruments jsonb, closing_on date) returns setof finance._round_instrument
language plpgsql immutable parallel safe
as $$
declare
    one jsonb;
    taken jsonb;
    subject text;
    i finance._round_instrument;
    matches integer;
begin
    for one in select * from finance._term_list(instruments, 'instruments') loop
        i.name := coalesce(one ->> 'name', one ->> 'holder');
        i.holder := coalesce(one ->> 'holder', one ->> 'name');
        subject := format('the instrument %s', coalesce(i.name, '(no name)'));
        perform finance._refuse_unknown_keys(one, array[
            'name', 'holder', 'kind', 'amount', 'cap', 'cap_basis', 'discount', 'mfn_of', 'price_decimals',
            'rate', 'issued_on', 'matures_on', 'compounding', 'day_count'
        ], subject);
        i.kind := finance._term_choice(one, 'kind', array['safe', 'note'], subject);
        i.principal := finance._term_number(one, 'amount', null, 0, null, subject);
        i.price_decimals := case
            when one ->> 'price_decimals' is not null then finance._term_integer(one, 'price_decimals', null, 0, 20, subject)
        end;
        taken := one;
        if one ->> 'mfn_of' is not null then
            select count(*), jsonb_agg(e) -> 0 into matches, taken
            from finance._term_list(instruments, 'instruments') as e
            where coalesce(e ->> 'name', e ->> 'holder') = one ->> 'mfn_of';
            if matches <> 1 or taken ->> 'mfn_of' is not null or one ->> 'cap' is not null or one ->> 'discount' is not null then
                raise invalid_parameter_value using
                    message = format('%s takes the terms of %L, which names %s instruments', subject, one ->> 'mfn_of', matches),
                    hint = 'A most favoured nation clause is used once: it takes the cap and discount of one other instrument whole, '
                    'and has none of its own. Name that one, not another that takes its terms elsewhere.';
            end if;
        end if;
        i.cap := finance._term_optional(taken, 'cap', 0.000001, null, subject);
        i.discount := finance._term_number(taken, 'discount', 0, 0, 0.99, subject);
        i.cap_basis := finance._term_choice(
            taken, 'cap_basis',
            case
                when coalesce(taken ->> 'kind', 'safe') = 'note' then array['pre_money', 'post_money', 'existing']
                else array['post_money', 'pre_money', 'existing']
            end,
            subject
        );
        i.amount := i.principal;
        if i.kind = 'note' and one ->> 'rate' is not null then
            if finance._term_date(one, 'issued_on', subject) is null or closing_on is null then
                raise invalid_parameter_value using
                    message = format('%s bears interest from %s to %s', subject, one ->> 'issued_on', closing_on),
                    hint = 'A note with a rate needs issued_on, and the terms of the round need closing_on.';
            end if;
            i.amount := finance.note_balance(
                i.principal, finance._term_number(one, 'rate', null, 0, 10, subject), finance._term_date(one, 'issued_on', subject),
                closing_on, finance._term_date(one, 'matures_on', subject),
                finance._term_choice(
                    one, 'compounding', array['simple', 'annual', 'semiannual', 'quarterly', 'monthly', 'exponential'], subject
                ),
                finance._term_choice(one, 'day_count', finance._day_counts(), subject)
            );
        end if;
        return next i;
    end loop;
end
$$;

comment on function finance._round_instruments(jsonb, date) is
'Internal. SAFEs and notes from JSON, validated, with interest to the closing and the terms that a most favoured nation clause took.';

create or replace function finance._round_terms_of(terms jsonb) returns finance._round_terms
language plpgsql immutable parallel safe
as $$
declare
    subject constant text := 'the terms of a round';
    post_money numeric;
    sold numeric;
    one jsonb;
    t finance._round_terms;
begin
    perform finance._refuse_unknown_keys(terms, array[
        'pre_money', 'post_money', 'ownership', 'new_money', 'investors', 'convention', 'pool_increase', 'pool_target',
        'price_decimals', 'whole_shares', 'closing_on'
    ], subject);
    t.convention := finance._term_choice(terms, 'convention', array['percent_ownership', 'dollars_invested', 'pre_money'], subject);
    t.pre_money := finance._term_optional(terms, 'pre_money', 0.000001, null, subject);
    post_money := finance._term_optional(terms, 'post_money', 0.000001, null, subject);
    sold := finance._term_optional(terms, 'ownership', 0.000001, 0.999999, subject);
    t.new_money := finance._term_number(terms, 'new_money', 0, 0, null, subject);
    if terms ->> 'investors' is not null then
        if t.new_money > 0 then
            raise invalid_parameter_value using
                message = format('%s give new_money and investors', subject),
                hint = 'Give one of them: investors is a list of {"holder", "amount"}.';
        end if;
        for one in select * from finance._term_list(terms -> 'investors', 'investors') loop
            perform finance._refuse_unknown_keys(one, array['holder', 'amount'], 'a new investor');
            t.new_money := t.new_money + finance._term_number(one, 'amount', null, 0, null, 'a new investor');
        end loop;
    end if;
    t.has_price := num_nonnulls(t.pre_money, post_money, sold) > 0;
    if num_nonnulls(t.pre_money, post_money, sold) > 1 or (t.has_price and t.convention <> 'percent_ownership' and t.pre_money is null)
        or (not t.has_price and t.new_money > 0) then
        raise invalid_parameter_value using
            message = format('%s give no one price: pre_money %s, post_money %s, ownership %s', subject, t.pre_money, post_money, sold),
            hint = 'Give one of pre_money, post_money, ownership (of the new money); conventions other than percent_ownership need '
            'pre_money. None, and no new money, is the cap table before a round, everything at its cap.';
    end if;
    t.pre_money := coalesce(t.pre_money, post_money - t.new_money, round(t.new_money, 40) / sold - t.new_money);
    if t.pre_money <= 0 then
        raise invalid_parameter_value using
            message = format('%s leave a pre-money of %s', subject, t.pre_money),
            hint = 'post_money is above new_money, and ownership needs new money.';
    end if;
    t.pool_increase := finance._term_optional(terms, 'pool_increase', 0, null, subject);
    t.pool_target := finance._term_optional(terms, 'pool_target', 0, 0.99, subject);
    if num_nonnulls(t.pool_increase, t.pool_target) = 2 then
        raise invalid_parameter_value using
            message = format('%s give pool_increase and pool_target', subject),
            hint = 'Give shares to add (pool_increase) or the unissued pool''s fraction of all shares after the round (pool_target).';
    end if;
    t.price_decimals := case
        when terms ->> 'price_decimals' is not null then finance._term_integer(terms, 'price_decimals', null, 0, 20, subject)
    end;
    t.whole_shares := finance._term_flag(terms, 'whole_shares', subject);
    return t;
end
$$;

comment on function finance._round_terms_of(jsonb) is 'Internal. A term sheet from JSON, validated; see finance.cap_table.';
