-- Cash between a fund and its investors by the transaction types of the Performance and the Capital Call & Distribution Template,
-- in the vehicle's currency and the investor's sign (paid in negative). The types follow kind, purpose, category and recall.
select
    f.tenant_id,
    f.vehicle_id,
    f.investor_id,
    f.effective_on,
    f.due_on,
    f.facility_drawn_on,
    f.signed_vehicle_amount as amount,
    f.signed_amount as told_amount,
    f.currency_code,
    f.vehicle_currency_code,
    f.kind = 'contribution' as is_paid_in,
    f.is_within_commitment,
    f.is_recallable,
    case
        when f.is_within_commitment then -f.vehicle_amount
        when f.is_recallable then f.vehicle_amount
        else 0
    end as unfunded_effect_amount,
    case
        when f.category like 'subscription\_facility%' then 'capital_call_facility_costs'
        when f.category = 'in_kind_distribution' then 'in_specie_distribution'
        when f.category = 'return_of_excess_capital' then 'distribution_return_of_excess_capital'
        when f.category = 'return_of_management_fees'
            then 'distribution_return_of_management_fees' || case when f.is_recallable then '_recallable' else '_permanent' end
        when f.category is not null then f.category
        when f.kind = 'contribution' then case f.purpose
            when 'management_fees' then 'capital_call_management_fees'
            when 'partnership_expenses' then 'capital_call_expenses'
            when 'organizational_expenses' then 'capital_call_expenses'
            when 'other' then 'capital_call_other'
            else 'capital_call_investment'
        end
        when f.purpose = 'realized_gain' then 'distribution_gain_loss'
        when f.purpose = 'income' then 'distribution_income'
        when f.purpose = 'other' then 'distribution_other'
        else 'distribution_return_of_capital' || case when f.is_recallable then '_recallable' else '_permanent' end
    end as transaction_type,
    f.description
from {{ ref('int_portfolio__flows_converted') }} as f
where f.is_performance_flow and f.amount <> 0 and f.investor_id is not null
