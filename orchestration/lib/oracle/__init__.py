"""A second, independent computation of every portfolio, commitment and ILPA figure, to compare marts with.

It starts from the Parquet files of the lake, not from the database, and is plain Python: exact fractions for
money and multiples, numpy for rates. It shares no formula with dbt or the `finance` schema; both follow
METRICS and the DECISIONLOG.
"""
