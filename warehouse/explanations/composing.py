# ruff: noqa: E501 - statements read as lines
"""Puts a statement together from named parts, taking only those that it needs; and the phrases that parts share.

A part is the text of one common table expression that names the parts it reads. What the parts say is in the
modules `rows`, `net`, `gross` and `raising`.
"""

import re
from collections.abc import Mapping

_WORD = re.compile(r"\w+")


def statement(parts: Mapping[str, str], body: str) -> str:
    """`body` with those parts before it that it reads, directly or not, in the order of `parts`."""
    wanted: set[str] = set()
    waiting = [body]
    while waiting:
        for name in set(_WORD.findall(waiting.pop())) & parts.keys() - wanted:
            wanted.add(name)
            waiting.append(parts[name])
    ctes = ", ".join(f"{name} as materialized ({text})" for name, text in parts.items() if name in wanted)
    return f"with {ctes} {body}" if ctes else body


def converted(amount: str, from_code: str, to_code: str, rate: str) -> str:
    """An amount at the quotes of the alias `rate`: multiplied first, divided last, as the marts do it."""
    return f"""case when {from_code} = {to_code} then {amount}
        when {rate}.divisor = 1 then {amount} * {rate}.numerator
        else trim_scale(({amount} * {rate}.numerator)::numeric(60, 20) / {rate}.divisor) end"""


def rate_join(rate: str, from_code: str, to_code: str, on_date: str) -> str:
    """The quotes for a conversion on a day; no row where the platform had none."""
    return f"""left join rate as {rate} on {rate}.from_code = {from_code} and {rate}.to_code = {to_code}
        and {rate}.on_date = {on_date}"""


def known_sum(amount: str, condition: str = "true") -> str:
    """A sum that is unknown as soon as one of its parts is; 0 over nothing."""
    return f"""case when count(*) filter (where ({condition}) and ({amount}) is null) = 0
        then coalesce(sum({amount}) filter (where {condition}), 0) end"""


def ratio(part: str, whole: str) -> str:
    """A quotient of exact numbers, rounded once; unknown over 0."""
    return f"(({part})::numeric(60, 30) / nullif({whole}, 0))::double precision"


def days_between(earlier: str, later: str) -> str:
    """Days between two instants, with their fraction."""
    return f"(extract(epoch from {later} - {earlier}) / 86400)::double precision"


def standing_value(is_closed: str, valued_on: str, on_date: str, valued: str, rolled: str) -> str:
    """Status of a value at a date, and the value: the columns nav_status and nav_amount."""
    status = f"""case when {is_closed} then 'closed'
        when {valued_on} is null or {valued} is null then 'missing'
        when {valued_on} = {on_date} then 'reported'
        when {rolled} is null then 'missing'
        when {rolled} < 0 then 'refused'
        else 'rolled' end"""
    return f"""{status} as nav_status, case {status} when 'closed' then 0 when 'reported' then {valued}
        when 'rolled' then {rolled} end as nav_amount"""
