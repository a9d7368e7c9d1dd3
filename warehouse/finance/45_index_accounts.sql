-- LN-PME, PME+ and modified PME together: rows are put in order, and the fund's own rate is found, once for the three.

create or replace function finance._index_accounts_of(state text) returns finance.index_accounts_result
language plpgsql immutable strict parallel safe
as $$
declare
    given constant finance._valued_flows := finance._valued_flows_of(state);
    answer finance.index_accounts_result;
begin
    answer.ln_pme := finance._ln_pme_account(given);
    answer.pme_plus := finance._pme_plus_account(given);
    answer.mpme := finance._mpme_account(given);
    return answer;
end
$$;

comment on function finance._index_accounts_of(text) is 'Internal. Final function of finance.index_accounts.';

create or replace aggregate finance.index_accounts(amount numeric, on_date date, level double precision, nav numeric) (
    sfunc = finance._valued_append,
    stype = text,
    initcond = '',
    combinefunc = finance._flows_join,
    finalfunc = finance._index_accounts_of,
    parallel = safe
);

comment on aggregate finance.index_accounts(numeric, date, double precision, numeric) is
'finance.ln_pme_detail, finance.pme_plus_detail and finance.mpme_detail of the same rows at once: see '
'finance.index_accounts_result. Arguments as there; take fields as ((accounts).ln_pme).ln_pme_spread. '
'Source: METRICS section 6.';
