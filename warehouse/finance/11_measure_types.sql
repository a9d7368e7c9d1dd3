-- The composite types of the measures in 31 and 42 to 71. Created once, like those of 10.
do $$
begin
    if to_regtype('finance.ln_pme_result') is null then
        create type finance.ln_pme_result as (
            ln_pme double precision,
            ln_pme_status text,
            ln_pme_roots double precision[],
            ln_pme_spread double precision,
            index_value double precision,
            short_on date,
            missing_on date,
            is_annualized boolean,
            irr double precision,
            irr_status text
        );
    end if;
    if to_regtype('finance.pme_plus_result') is null then
        create type finance.pme_plus_result as (
            pme_plus double precision,
            pme_plus_status text,
            pme_plus_roots double precision[],
            pme_plus_spread double precision,
            scale double precision,
            missing_on date,
            is_annualized boolean,
            irr double precision,
            irr_status text
        );
    end if;
    if to_regtype('finance.mpme_result') is null then
        create type finance.mpme_result as (
            mpme double precision,
            mpme_status text,
            mpme_roots double precision[],
            mpme_spread double precision,
            index_value double precision,
            path_dates date[],
            path_values double precision[],
            missing_on date,
            is_annualized boolean,
            irr double precision,
            irr_status text
        );
    end if;
    if to_regtype('finance.index_accounts_result') is null then
        create type finance.index_accounts_result as (
            ln_pme finance.ln_pme_result,
            pme_plus finance.pme_plus_result,
            mpme finance.mpme_result
        );
    end if;
    if to_regtype('finance._valued_flows') is null then
        create type finance._valued_flows as (
            days integer[],
            paid double precision[],
            received double precision[],
            levels double precision[],
            navs double precision[],
            status text,
            missing_on date,
            own finance.irr_result
        );
    end if;
    if to_regtype('finance.mirr_result') is null then
        create type finance.mirr_result as (
            mirr double precision,
            mirr_status text,
            is_annualized boolean,
            first_on date,
            last_on date
        );
    end if;
    if to_regtype('finance.modified_dietz_result') is null then
        create type finance.modified_dietz_result as (
            modified_dietz double precision,
            dietz_status text,
            gain_amount numeric,
            average_capital numeric,
            first_on date
        );
    end if;
    if to_regtype('finance.twr_result') is null then
        create type finance.twr_result as (
            twr double precision,
            twr_status text,
            annualized_twr double precision,
            linked_dietz double precision,
            annualized_linked_dietz double precision,
            sub_periods integer,
            first_on date,
            last_on date,
            problem_on date
        );
    end if;
    if to_regtype('finance.quartile_result') is null then
        create type finance.quartile_result as (
            members integer,
            unknown integer,
            p25 double precision,
            median double precision,
            p75 double precision,
            mean double precision,
            lowest double precision,
            highest double precision,
            quartile_status text
        );
    end if;
    if to_regtype('finance.concentration_result') is null then
        create type finance.concentration_result as (
            positions integer,
            total_share double precision,
            top_1_share double precision,
            top_5_share double precision,
            top_10_share double precision,
            hhi double precision,
            effective_positions double precision,
            concentration_status text
        );
    end if;
    if to_regtype('finance.loss_result') is null then
        create type finance.loss_result as (
            loss_ratio_cost double precision,
            loss_ratio_amount double precision,
            loss_ratio_count double precision,
            deals integer,
            deals_at_loss integer,
            invested_amount numeric,
            lost_amount numeric,
            loss_status text
        );
    end if;
    if to_regtype('finance.j_curve_result') is null then
        create type finance.j_curve_result as (
            trough_amount numeric,
            trough_on date,
            break_even_on date,
            net_amount numeric,
            j_curve_status text
        );
    end if;
end
$$;

comment on type finance.ln_pme_result is
'Long-Nickels PME (index comparison method). ln_pme: the IRR of the same payments and receipts with the value that an index '
'account would hold at the end in place of the fund''s, annual, fraction; null unless ln_pme_status is ok. ln_pme_spread: '
'irr - ln_pme. index_value: that account''s value, in the flows'' currency. short_on: first day it stood below zero. '
'missing_on: first day without the index level that was needed. is_annualized: false under 365 days after the first flow. '
'irr, irr_status: the fund''s own. ln_pme_status: ok, short_index (the account ends below zero: every root is in '
'ln_pme_roots and none is a return), missing_level, mixed_levels, no_contributions, or a status of finance.irr_result.';

comment on type finance.pme_plus_result is
'PME+ (Rouvinez). scale: s, the factor on receipts that lets the index account end at the fund''s value. pme_plus: the IRR of '
'payments, scaled receipts and that value, annual, fraction; null unless pme_plus_status is ok. pme_plus_spread: irr - '
'pme_plus. pme_plus_status: ok, negative_scale (s below zero: suppressed), no_distributions, missing_nav (no value on the '
'last day), missing_level, mixed_levels, no_contributions, or a status of finance.irr_result. Other fields as in '
'finance.ln_pme_result.';

comment on type finance.mpme_result is
'Modified PME (Cambridge Associates). mpme: the IRR of an index account that sells at each receipt the share of itself that '
'the fund paid out of itself, annual, fraction; null unless mpme_status is ok. mpme_spread: irr - mpme. index_value: what the '
'account holds at the end; path_dates, path_values: what it held at the end of each day of a flow and of the last day. '
'mpme_status: ok, missing_nav (missing_on: the first day of a receipt without a value), negative_nav, missing_level, '
'mixed_levels, no_contributions, or a status of finance.irr_result. Other fields as in finance.ln_pme_result.';

comment on type finance.index_accounts_result is
'The answers of finance.ln_pme_detail, finance.pme_plus_detail and finance.mpme_detail over the same rows.';

comment on type finance._valued_flows is
'Internal. The days with flows and the last day, rising (days since 2000-01-01), with what was paid, what was received, the '
'index level and the value held (null where none was given), why a market comparison is not possible (null: it is), and the '
'fund''s own IRR.';

comment on type finance.quartile_result is
'Break points of a peer group by PERCENTILE.INC. members: values known; unknown: values that were null or NaN. p25, median, '
'p75, mean (equal weights), lowest, highest: in the unit of the values, null unless quartile_status is ok; too_few: under 8 '
'members. Source: METRICS section 5.';

comment on type finance.concentration_result is
'How much of the capital lies in few positions. Shares are fractions; top_n_share: of the n largest; total_share: of all '
'(1 when the capital is their own sum). hhi: sum of squared shares; effective_positions: 1 / hhi. positions: those above zero. '
'concentration_status: ok, no_positions, missing_value, negative_value, no_capital (null or not positive), mixed_capital. '
'Source: METRICS section 7.';

comment on type finance.loss_result is
'Loss ratio by its three conventions, fractions of what was invested. loss_ratio_cost (a): cost of the deals whose total value '
'is under their cost; loss_ratio_amount (b): sum of what is missing to cost; loss_ratio_count: deals at a loss over deals. '
'deals: those with a cost. loss_status: ok, no_deals, missing_value, negative_cost. Source: METRICS section 7.';

comment on type finance.j_curve_result is
'The course of cumulative net cash. trough_amount: its lowest point below zero (money, negative), first reached on trough_on; '
'break_even_on: the first day, once it was below, that it is zero or more, which a later call does not take back; net_amount: where it '
'stands at the end. j_curve_status: ok (broke even), open (never back at zero yet), never_below, no_flows. Source: METRICS section 5.';

comment on type finance.mirr_result is
'Modified internal rate of return. mirr: annual, fraction, null unless mirr_status is ok; else no_flows, single_flow, '
'no_sign_change, same_day_only or total_loss as in finance.irr_result. first_on: first day that does not net to zero; last_on: '
'last date given, up to which receipts are reinvested. is_annualized: false when they lie less than 365 days apart.';

comment on type finance.modified_dietz_result is
'A period''s modified Dietz return, fraction, not annualized, with what it is made of: gain_amount over average_capital, in the '
'currency of the flows. first_on: the start of the period, or of the first flow when nothing was held at its start. '
'dietz_status: ok, no_capital (average capital is not positive: modified_dietz is null), no_period (it has no days). '
'Source: METRICS section 4.';

comment on type finance.twr_result is
'Time-weighted return from first_on to last_on. twr: sub-periods between valued days linked, a fraction, not annualized; null '
'unless twr_status is ok. linked_dietz: the same where flows between valued days are weighted by modified Dietz; equal to twr '
'when there are none. annualized_*: per year, null under 365 days. twr_status: ok, missing_nav (problem_on: the first day of a '
'flow, or the last day, without a value), no_capital (nothing to earn on), negative_nav, below_total_loss (a sub-period lost more '
'than there was), no_flows; problem_on names the day. Source: METRICS section 4.';
