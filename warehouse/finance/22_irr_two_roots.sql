-- The second most common case: two sign changes, so at most two roots. Where present value is seen to have the other sign
-- between them, both are bracketed and nothing needs to be searched. Everything else goes to 22_irr_roots.

create or replace function finance._two_roots(
    amounts double precision [], years double precision [], low double precision, high double precision,
    out roots double precision [], out turns integer [], out is_settled boolean
)
language plpgsql immutable strict parallel safe
as $$
declare
    -- Descartes' rule, which holds for real exponents: two sign changes leave two roots or none. Towards both ends NPV has
    -- the sign of the first flow, which is that of the last: a node of the other sign lies between the roots.
    outer_sign constant double precision := sign(amounts[1]);
    nodes constant double precision [] := low || array[
        -8, -4, -3, -2, -1.5, -1, -0.7, -0.5, -0.35, -0.25, -0.18, -0.12, -0.08, -0.05, -0.02, 0,
        0.02, 0.05, 0.08, 0.11, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1, 1.5, 2, 3, 5
    ]::double precision [] || high;
    n constant integer := cardinality(nodes);
    m record;
    first_between integer;
    last_between integer;
begin
    select * into m from finance._discounted_moments(amounts, years, nodes);
    for k in 1..n loop
        if m.npv[k] * outer_sign < -1e-9 * m.gross[k] then
            first_between := coalesce(first_between, k);
            last_between := k;
        end if;
    end loop;
    -- no node between them, or a root beyond the range: not for this short way
    if first_between is null or first_between = 1 or last_between = n
        or m.npv[first_between - 1] * outer_sign <= 0 or m.npv[last_between + 1] * outer_sign <= 0 then
        return;
    end if;
    roots := array[
        finance._refine_root(amounts, years, nodes[first_between - 1], nodes[first_between]),
        finance._refine_root(amounts, years, nodes[last_between], nodes[last_between + 1])
    ];
    -- what the search takes for a touch is for the search to say
    if array_position(roots, null) is not null or roots[2] - roots[1] < 1e-5 then
        roots := null;
        return;
    end if;
    turns := array[-outer_sign, outer_sign]::integer [];
    is_settled := true;
end
$$;

comment on function finance._two_roots(
    double precision [], double precision [], double precision, double precision
) is
'Internal. Both roots of NPV in u = ln(1+rate) on [low, high] of flows with two sign changes, as finance._irr_roots tells '
'them; all null where this short way does not find them.';
