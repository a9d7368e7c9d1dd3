-- Price, pool and conversions of a round, solved together and exactly. METRICS section 11.
-- Unknowns: x = 1 / price, K = company capitalization (existing and converted), L = existing shares and pool increase.
-- Every instrument converts into the larger of two linear expressions (its cap's and its discount's), the pool is the larger of what
-- it is and its target. Once it is known which of the two is the larger, the equations are linear and have one solution.

create or replace function finance._round_piece(
    existing numeric, pool numeric, t finance._round_terms, invested numeric, fixed_x numeric,
    per_x numeric, per_k numeric, per_l numeric, fixed_shares numeric, pool_is_short boolean,
    out x numeric, out k numeric, out l numeric
)
language plpgsql immutable parallel safe
as $$
declare
    -- conversions: per_x * x + per_k * K + per_l * L + fixed_shares; l = l0 + l1 * x, k = k0 + k1 * x
    given_pool constant numeric := coalesce(t.pool_increase, 0);
    target constant numeric := case when pool_is_short then t.pool_target else 0 end;
    below numeric := 1 - per_k;
    post_money numeric;
    k0 numeric;
    k1 numeric;
    l0 numeric := existing + given_pool;
    l1 numeric := 0;
begin
    if below <= 0 then
        return;  -- post-money SAFEs own the whole company
    end if;
    if fixed_x is not null or t.convention = 'pre_money' then
        -- x known, or x = L / pre-money; with a target L = existing - pool + target * all shares
        k0 := existing + fixed_shares + case when fixed_x is not null then per_x * fixed_x else 0 end;
        k1 := per_l + case when fixed_x is null then per_x / t.pre_money else 0 end;  -- K = (k0 + k1 * L) / below
        if pool_is_short then
            l0 := existing - pool
                + target * (round(k0, 40) / below - existing + case when fixed_x is not null then t.new_money * fixed_x else 0 end);
            l1 := 1 - target
                * (1 + round(k1, 40) / below + case when fixed_x is null then round(t.new_money, 40) / t.pre_money else 0 end);
            if l1 <= 0 then
                return;
            end if;
            l0 := round(l0, 40) / l1;
        end if;
        l := l0;
        k := round(k0 + k1 * l, 40) / below;
        x := coalesce(fixed_x, round(l, 40) / t.pre_money);
        return;
    end if;
    -- price * all shares = post-money
    post_money := t.pre_money + t.new_money + case when t.convention = 'dollars_invested' then invested else 0 end;
    if pool_is_short then
        l0 := existing - pool;
        l1 := target * post_money;
    end if;
    k0 := round(existing + fixed_shares + per_l * l0, 40) / below;
    k1 := round(per_x + per_l * l1, 40) / below;
    if post_money - t.new_money - k1 - l1 <= 0 or k0 + l0 - existing <= 0 then
        return;
    end if;
    x := round(k0 + l0 - existing, 40) / (post_money - t.new_money - k1 - l1);
    l := l0 + l1 * x;
    k := k0 + k1 * x;
end
$$;

comment on function finance._round_piece(
    numeric, numeric, finance._round_terms, numeric, numeric, numeric, numeric, numeric, numeric, boolean
) is
'Internal. The solution of one linear piece; null where that piece has none, because what converts is worth more than the pre-money.';

create or replace function finance._round_solution(
    existing numeric, pool numeric, t finance._round_terms, instruments finance._round_instrument [], fixed_x numeric,
    out x numeric, out k numeric, out l numeric, out at_cap boolean []
)
language plpgsql immutable parallel safe
as $$
declare
    n constant integer := coalesce(cardinality(instruments), 0);
    i finance._round_instrument;
    invested numeric := 0;
    per_x numeric;
    per_k numeric;
    per_l numeric;
    fixed_shares numeric;
    at_cap_shares numeric;
    pool_is_short boolean := false;
    is_settled boolean;
begin
    -- Start where every instrument has its cap and the pool suffices, solve that piece, let each take the larger of its two
    -- expressions there, and solve the piece that this makes. All coefficients are positive, so from piece to piece no share count
    -- falls, none comes twice, and the first that keeps its choices is the only solution of the round.
    foreach i in array coalesce(instruments, '{}') loop
        at_cap := at_cap || (i.cap is not null);
        invested := invested + i.amount;
    end loop;
    for step in 1..3 * n + 8 loop
        per_x := 0;
        per_k := 0;
        per_l := 0;
        fixed_shares := 0;
        for j in 1..n loop
            i := instruments[j];
            if not at_cap[j] then
                per_x := per_x + round(i.amount, 40) / (1 - i.discount);
            elsif i.cap_basis = 'post_money' then
                per_k := per_k + round(i.amount, 40) / i.cap;
            elsif i.cap_basis = 'pre_money' then
                per_l := per_l + round(i.amount, 40) / i.cap;
            else
                fixed_shares := fixed_shares + round(i.amount * existing, 40) / i.cap;
            end if;
        end loop;
        select p.x, p.k, p.l into x, k, l
        from finance._round_piece(
            existing, pool, t, invested, fixed_x, per_x, per_k, per_l, fixed_shares, pool_is_short
        ) as p;
        if x is null then
            raise invalid_parameter_value using
                message = format(
                    'no price satisfies this round: %s converts into a pre-money of %s with %s existing shares and a pool target of %s',
                    invested, t.pre_money, existing, t.pool_target
                ),
                hint = 'SAFEs, notes and the pool would take all of the company. Raise the pre-money, or lower the target.';
        end if;
        is_settled := true;
        for j in 1..n loop
            i := instruments[j];
            continue when i.cap is null;
            at_cap_shares := round(
                i.amount * case i.cap_basis when 'post_money' then k when 'pre_money' then l else existing end, 40
            ) / i.cap;
            -- a difference below 25 digits is the rounding of the divisions, not a better price
            if at_cap[j] <> (at_cap_shares * (1 + 1e-25) >= i.amount * x / (1 - i.discount)) then
                at_cap[j] := not at_cap[j];
                is_settled := false;
            end if;
        end loop;
        if t.pool_target is not null and not pool_is_short
            and t.pool_target * (k + l - existing + t.new_money * x) > pool * (1 + 1e-25) then
            pool_is_short := true;
            is_settled := false;
        end if;
        if is_settled then
            return;
        end if;
    end loop;
    raise internal_error using message = format('the conversions of a round with %s instruments did not settle', n);
end
$$;

comment on function finance._round_solution(numeric, numeric, finance._round_terms, finance._round_instrument [], numeric) is
'Internal. Reciprocal of the price, company capitalization, existing shares with the pool increase, and who converts at the cap. '
'fixed_x: the reciprocal of a price that is already agreed (rounded), 0 for everything at its cap.';
