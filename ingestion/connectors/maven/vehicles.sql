-- stream: vehicles
-- One vehicle for the whole extract: the file is one pipeline. Its currency is not in the file; the set is in US dollars.
select
    min(_row_number) as _row_number,
    'maven-pipeline' as vehicle_id,
    'CRM pipeline' as name,
    'priced_round' as kind,
    'USD' as currency_code,
    'active' as status
from input
having count(opportunity_id) > 0
