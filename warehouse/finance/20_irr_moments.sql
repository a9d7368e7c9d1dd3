-- Sums over discounted flows at many rates at once: what the search for roots (22) needs to prove where roots are not.
-- In u = ln(1 + rate) the net present value is the exponential sum f(u) = sum of a(i) * exp(-t(i) * u).

create or replace function finance._discounted_moments(
    amounts double precision [], years double precision [], nodes double precision [],
    out log_scale double precision [], out npv double precision [], out npv_years double precision [],
    out gross double precision [], out gross_years double precision [], out gross_years_squared double precision []
)
language sql immutable strict parallel safe
as $$
    -- years ascend from 0, so the largest exponent at u is 0 for u >= 0 and -T*u below; it is factored out and told
    -- as log_scale, which keeps exp() inside its range for any horizon. Exponents under -150 are held
    -- there: a term smaller than the largest by 65 digits decides nothing, and products of three stay above underflow.
    select
        array_agg(s.log_scale order by s.k),
        array_agg(s.npv order by s.k),
        array_agg(s.npv_years order by s.k),
        array_agg(s.gross order by s.k),
        array_agg(s.gross_years order by s.k),
        array_agg(s.gross_years_squared order by s.k)
    from (
        select
            n.k,
            max(n.scale) as log_scale,
            sum(n.pv) as npv,
            sum(n.pv * n.t) as npv_years,
            sum(abs(n.pv)) as gross,
            sum(abs(n.pv) * n.t) as gross_years,
            sum(abs(n.pv) * n.t * n.t) as gross_years_squared
        from (
            select
                m.k,
                m.scale,
                f.t,
                f.a * exp(greatest(-f.t * m.u - m.scale, -150)) as pv
            from
                (
                    select
                        x.k,
                        x.u,
                        greatest(0, -x.u * years[cardinality(years)]) as scale
                    from unnest(nodes) with ordinality as x (u, k)
                ) as m,
                unnest(amounts, years) as f (a, t)
        ) as n
        group by n.k
    ) as s
$$;

comment on function finance._discounted_moments(double precision [], double precision [], double precision []) is
'Internal. For each node u = ln(1+rate): sums of a*e, a*e*t, |a|*e, |a|*e*t and |a|*e*t*t with e = exp(-t*u - log_scale). '
'amounts in any one unit, years ascending from 0.';

create or replace function finance._growth(log_growth double precision) returns double precision
language sql immutable strict parallel safe
as $$
    select case when log_growth < 700 then exp(greatest(log_growth, -700)) - 1 end
$$;

comment on function finance._growth(double precision) is
'Internal. exp(x) - 1, null where it leaves the range of double precision.';
