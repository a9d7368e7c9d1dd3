-- stream: investors
-- One investor an opportunity: an account appears in many opportunities, each with its own way through the stages.
-- 1,425 open opportunities have no account: they are named after the opportunity.
select
    _row_number,
    opportunity_id as investor_id,
    coalesce(account, 'Opportunity ' || opportunity_id) as name,
    account as firm,
    'opportunity' as kind
from input
