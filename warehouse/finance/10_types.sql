-- The composite types that finance functions answer with. Functions themselves live in the files after this one.
-- A type is created once: `create or replace` does not exist for types, and dbt's views depend on these.
do $$
begin
    if to_regtype('finance.irr_result') is null then
        create type finance.irr_result as (
            irr double precision,
            irr_status text,
            irr_roots double precision[],
            is_annualized boolean,
            period_return double precision,
            first_on date,
            last_on date
        );
    end if;
    if to_regtype('finance.pme_result') is null then
        create type finance.pme_result as (
            ks_pme double precision,
            direct_alpha double precision,
            direct_alpha_rate double precision,
            pme_status text
        );
    end if;
end
$$;

comment on type finance.irr_result is
'An internal rate of return with what is needed to trust it. irr: annual effective rate as a fraction, the root where NPV '
'falls through zero as the rate rises, null unless irr_status is ok. irr_roots: every root in (-1, 10000], rising order. '
'is_annualized: false when the last date lies less than 365 days after the first flow. period_return: (1+irr)^years-1 from '
'the first to the last flow, not annualized. Source: METRICS section A.';

comment on type finance.pme_result is
'Public market equivalents of one series. ks_pme: ratio, above 1 beats the index. direct_alpha: ln(1+a), annual, fraction; '
'direct_alpha_rate: a itself. pme_status: ok, missing_level (an index level was null or not positive), mixed_levels (one day has '
'two), no_contributions, or the irr_status of direct alpha.';
