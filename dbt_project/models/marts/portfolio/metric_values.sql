{{ config(
    unique_key=['tenant_id', 'metric', 'entity_type', 'entity_id', 'as_of', 'vehicle_id'],
    meta={'audience': ['gp', 'lp'], 'indexes': [['tenant_id', 'investor_id', 'metric', 'as_of']], 'keeps_versions': false},
    post_hook=[
        "{{ versions_view('metric_values__investors', ['gp', 'lp'], metric_values_of('investors', versions=true)) }}",
        "{{ versions_view('metric_values__funds', ['gp'], metric_values_of('funds', versions=true)) }}"
    ]
) }}

-- What the other marts say, one row a number. Its versions are views of theirs: nothing is kept twice.
{{ metric_values_of('investors') }}
union all
{{ metric_values_of('funds') }}
