"""Non-interference: what a viewer's queries return, bytes and errors alike, does not depend on anybody
else's data.

Random statements run, everybody else's rows are replaced, and the same statements run again. A role that
bypasses row security is the control: it must see the difference. The seed is printed;
CAPSTAN_SEED repeats a run.
"""

import os
import random
import re

import psycopg
import pytest

from tests.security.world import World, everything_said, fill
from warehouse.sessions import Viewer

STATEMENTS = 400
COLUMNS = {
    "fct_cash_flows": ["vehicle_id", "investor_id", "transaction_id", "effective_on", "amount", "value",
                       "is_recallable", "recorded_at", "description", "tenant_id"],
    "dim_investor": ["investor_id", "name", "email", "tenant_id"],
    "rpt_latest": ["investor_id", "effective_on", "amount", "description", "tenant_id"],
}  # fmt: skip
PREDICATES = [
    "{c} is not null", "{c}::text like '%beta%'", "{c}::text > 'CANARY-b'", "tenant_id <> 1",
    "tenant_id in (1, 2, 3)", "investor_id in ('I1', 'I2', 'I3')",
    "exists (select 1 from {other} o where o.{k} = t.{k} and o.tenant_id <> t.tenant_id)",
    "{c} = (select max({c}) from {rel})", "length({c}::text) > 3", "length({c}::text) % 2 = 0",
    "({c}, tenant_id) in (select {c}, tenant_id from {rel} where {c} is not null)",
    "not (tenant_id = 1) or random() < 2",
]  # fmt: skip
FAILING = [
    "{c}::text::numeric > 0",
    "{c}::text::uuid is null",
    "1 / (length({c}::text) - length({c}::text)) = 0",
]
"""Alone in a statement: with a second predicate the plan decides whether the failing one is reached."""
SELECTIONS = [
    "select * from {rel} t where {p}",
    "select count(*), min({c}::text), max({c}::text) from {rel} t where {p}",
    "select {c}::text, count(*) from {rel} t where {p} group by 1",
    "select distinct {c} from {rel} t where {p}",
    "select string_agg({c}::text, ',' order by {c}::text) from {rel} t where {p}",
    "select t.*, o.investor_id as other from {rel} t join {other} o using ({k}) where {p}",
    "select t.{k}, row_number() over (order by t.{k}), lag({c}) over (order by t.{k}, {c}) from "
    "{rel} t where {p}",
    "select t.{k} from {rel} t where {p} except select {k} from {other}",
    "select (select count(*) from {other} o where o.{k} = t.{k}) n, {c} from {rel} t where {p}",
    "with recursive r as (select {c}::text x, 1 n from {rel} t where {p} union all select x, n + 1 "
    "from r where n < 2) "
    "select * from r",
    "select * from {rel} t full join {other} o on t.{k} = o.{k} and o.{k} <> 'I3' where t.tenant_id "
    "is null or {p}",
    "select to_jsonb(t) from {rel} t where {p}",
]  # fmt: skip


def statement(chance: random.Random) -> str:
    relation, other = chance.choice(list(COLUMNS)), chance.choice(list(COLUMNS))
    column = chance.choice(COLUMNS[relation])
    names = {"rel": relation, "other": other, "c": "t." + column, "k": "investor_id"}
    chosen = (
        chance.sample(PREDICATES, chance.randint(1, 2)) if chance.random() < 0.9 else [chance.choice(FAILING)]
    )
    predicate = " and ".join(p.format(**names) for p in chosen)
    return chance.choice(SELECTIONS).format(p=predicate, **names)


def answers(connection: psycopg.Connection, statements: list[str]) -> list[str]:
    """Each statement's sorted rows or its error, as text.

    Which of the viewer's rows comes or fails first is nobody's promise, so rows are sorted and the value that
    an error quotes is left out (another test shows that it is never a hidden one).
    """
    said = []
    for text in statements:
        try:
            said.append(repr(sorted(map(repr, connection.execute(text).fetchall()))))
        except psycopg.Error as error:
            said.append(re.sub(r'"[^"]*"', '"…"', everything_said(error)))
    return said


def replace_everybody_else(world: World, viewer: Viewer) -> None:
    """New values, names and numbers of rows for other tenants and for the other investors of the viewer's
    own.
    """
    for slug in ("beta", "gamma"):
        fill(world, slug, investors=("I1", "I7", "I8", "I9"), salt=37, canary="delta")
    if viewer.role == "lp":
        with world.builder() as builder, builder.transaction():
            for relation in ("fct_cash_flows", "dim_investor"):
                builder.execute(
                    f"delete from marts.{relation} where tenant_id = %s and investor_id <> all(%s)",
                    (viewer.tenant_id, list(viewer.investor_ids)),
                )
            builder.execute(
                "insert into marts.dim_investor values (%s, 'I9', 'somebody', 'new@example.com')",
                (viewer.tenant_id,),
            )


@pytest.mark.parametrize("who", ["lp1", "gp"])
def test_answers_do_not_depend_on_anybody_elses_data(scratch: World, who: str) -> None:
    seed = int(os.environ.get("CAPSTAN_SEED") or random.SystemRandom().randrange(2**32))
    print(f"CAPSTAN_SEED={seed}")
    chance = random.Random(seed)
    statements = [statement(chance) for _ in range(STATEMENTS)]
    viewer = scratch.viewer(who, "alpha")
    with scratch.admin() as omniscient, scratch.attacker(viewer) as reader:
        omniscient.execute("set search_path = marts")
        before, seen_before = answers(reader, statements), answers(omniscient, statements)
        with scratch.admin() as admin:
            admin.execute("analyze")
        replace_everybody_else(scratch, viewer)
        with scratch.admin() as admin:
            admin.execute("vacuum analyze")
        after, seen_after = answers(reader, statements), answers(omniscient, statements)
    differing = [s for s, b, a in zip(statements, before, after, strict=True) if b != a]
    assert differing == [], f"seed {seed}"
    # The controls: the data did change, most statements can see that, and most of the reader's gave rows.
    changed = sum(b != a for b, a in zip(seen_before, seen_after, strict=True))
    assert changed > STATEMENTS / 3
    assert sum(text.startswith("[") and text != "[]" for text in before) > STATEMENTS / 3
