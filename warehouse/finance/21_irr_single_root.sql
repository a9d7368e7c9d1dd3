-- The common case: one root, found in a few steps and proved to be the only one. Everything else goes to _irr_roots.

create or replace function finance._irr_root_if_single(
    amounts double precision [], years double precision [], is_known_single boolean
) returns double precision
language plpgsql immutable strict parallel safe
as $$
declare
    -- Newton on ln(received / paid), both discounted: nearly a straight line in u, its slope the distance between the
    -- mean dates of what was paid and what was received. From u = 0 three or four steps reach the last digit.
    reach constant double precision := least(30, 500 / years[cardinality(years)]);
    u double precision := 0;
    step double precision := 1;
    pv double precision;
    received double precision;
    received_years double precision;
    paid double precision;
    paid_years double precision;
    balance double precision := 0;
begin
    for i in 1..12 loop
        received := 0;
        received_years := 0;
        paid := 0;
        paid_years := 0;
        for k in 1..cardinality(amounts) loop
            pv := amounts[k] * exp(-years[k] * u);
            if pv > 0 then
                received := received + pv;
                received_years := received_years + pv * years[k];
            else
                paid := paid + pv;
                paid_years := paid_years + pv * years[k];
            end if;
        end loop;
        exit when abs(step) < 1e-8;
        step := received_years / received - paid_years / paid;
        if step = 0 then
            return null;
        end if;
        step := ln(-received / paid) / step;
        u := u + step;
        if abs(u) > reach then
            return null;
        end if;
    end loop;
    if abs(step) >= 1e-8 or abs(received + paid) > 1e-13 * (received - paid) then
        return null;
    end if;
    if is_known_single then
        return u;
    end if;
    -- Soper 1959: when the balance discounted at the root keeps the sign of the first flow until the last one, there is
    -- no other root. By Laguerre's rule: no sign change among the partial sums leaves none above, and, as the sums from
    -- the other end are their opposites, none below.
    for k in 1..cardinality(amounts) - 1 loop
        balance := balance + amounts[k] * exp(-years[k] * u);
        if balance * sign(amounts[1]) < 1e-9 * received then
            return null;
        end if;
    end loop;
    return u;
end
$$;

comment on function finance._irr_root_if_single(double precision [], double precision [], boolean) is
'Internal. The only root u = ln(1+rate) of NPV, null where this short way cannot prove it. is_known_single: one sign change.';
