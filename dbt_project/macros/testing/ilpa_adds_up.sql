{#-
  One of ILPA's footing rules for every column group and span: `total` = sum of `plus` - sum of `minus`. A returned row is a holder,
  period and column where it does not hold. Columns with an amount that is not known are passed over; the tolerance is exact.
-#}
{% test ilpa_adds_up(model, total, plus, minus=[], columns=['investor', 'total', 'gp']) %}
select
    m.tenant_id,
    m.vehicle_id,
    m.investor_id,
    m.period_end,
    cell.column_group,
    cell.span,
    sum(case when m.line in ('{{ total }}'{% for line in minus %}, '{{ line }}'{% endfor %}) then -cell.amount else cell.amount end) as difference
from {{ model }} as m
{{ ilpa_cells(columns) }}
where m.line in ('{{ total }}'{% for line in plus + minus %}, '{{ line }}'{% endfor %}) {{ for_tenants('and', 'm.tenant_id') }}
group by m.tenant_id, m.vehicle_id, m.investor_id, m.period_end, cell.column_group, cell.span
having
    count(cell.amount) = {{ 1 + plus | length + minus | length }}
    and sum(case when m.line in ('{{ total }}'{% for line in minus %}, '{{ line }}'{% endfor %}) then -cell.amount else cell.amount end) <> 0
{% endtest %}
