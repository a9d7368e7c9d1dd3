"""A second computation of priced rounds: every combination of who converts at the cap, in exact fractions.

The SQL walks from one linear piece to the next; this tries all of them, solves each by elimination and keeps
those in which every choice is the better one for its holder. There must be exactly one such answer, or none.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

POST_MONEY, PRE_MONEY, EXISTING = "post_money", "pre_money", "existing"


@dataclass(frozen=True)
class Instrument:
    amount: Fraction
    cap: Fraction | None = None
    cap_basis: str = POST_MONEY
    discount: Fraction = Fraction(0)


@dataclass(frozen=True)
class Sheet:
    """Existing shares include the unissued pool."""

    existing: Fraction
    pool: Fraction
    pre_money: Fraction
    new_money: Fraction
    convention: str = "percent_ownership"
    pool_increase: Fraction | None = None
    pool_target: Fraction | None = None


@dataclass(frozen=True)
class Answer:
    price: Fraction
    capitalization: Fraction
    pool_increase: Fraction
    total: Fraction
    conversions: tuple[Fraction, ...]


def answers(sheet: Sheet, instruments: Sequence[Instrument]) -> set[Answer]:
    """All answers that are consistent; the same one from two combinations (a tie) counts once."""
    choices = itertools.product(*([False] if i.cap is None else [False, True] for i in instruments))
    pools = [False, True] if sheet.pool_target is not None else [False]
    found = (_solve(sheet, instruments, at_cap, short) for at_cap in choices for short in pools)
    return {answer for answer in found if answer is not None}


def _solve(
    sheet: Sheet, instruments: Sequence[Instrument], at_cap: tuple[bool, ...], pool_is_short: bool
) -> Answer | None:
    # unknowns: x = 1 / price, K capitalization, Q pool increase, N all shares; a row ends with its constant
    e, m = sheet.existing, sheet.new_money
    capitalization = [Fraction(0), Fraction(1), Fraction(0), Fraction(0), e]
    for i, capped in zip(instruments, at_cap, strict=True):
        if not capped:
            capitalization[0] -= i.amount / (1 - i.discount)
            continue
        assert i.cap is not None
        if i.cap_basis == POST_MONEY:
            capitalization[1] -= i.amount / i.cap
        else:
            capitalization[4] += i.amount / i.cap * e
            if i.cap_basis == PRE_MONEY:
                capitalization[2] -= i.amount / i.cap
    one, zero = Fraction(1), Fraction(0)
    total = [-m, -one, -one, one, zero]
    if pool_is_short:
        assert sheet.pool_target is not None
        pool = [zero, zero, one, -sheet.pool_target, -sheet.pool]
    else:
        pool = [zero, zero, one, zero, sheet.pool_increase or zero]
    post = sheet.pre_money + m
    if sheet.convention == "dollars_invested":
        post += sum(i.amount for i in instruments)
    price = [post, zero, zero, -one, zero]
    if sheet.convention == "pre_money":
        price = [sheet.pre_money, zero, -one, zero, e]
    solution = _eliminate([capitalization, total, pool, price])
    if solution is None or min(solution[0], solution[1], solution[3]) <= 0 or solution[2] < 0:
        return None
    x, k, q, n = solution
    if sheet.pool_target is not None and (sheet.pool + q < sheet.pool_target * n):
        return None
    conversions = []
    for i, capped in zip(instruments, at_cap, strict=True):
        by_price = i.amount * x / (1 - i.discount)
        if i.cap is None:
            conversions.append(by_price)
            continue
        shares = {POST_MONEY: k, PRE_MONEY: e + q, EXISTING: e}[i.cap_basis]
        by_cap = i.amount * shares / i.cap
        if (by_cap < by_price) if capped else (by_price < by_cap):
            return None
        conversions.append(max(by_cap, by_price))
    return Answer(1 / x, k, q, n, tuple(conversions))


def _eliminate(rows: list[list[Fraction]]) -> list[Fraction] | None:
    """Gauss-Jordan; None when the equations have no single solution."""
    size = len(rows)
    for column in range(size):
        pivot = next((r for r in range(column, size) if rows[r][column] != 0), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for r in range(size):
            if r != column:
                factor = rows[r][column]
                rows[r] = [a - factor * b for a, b in zip(rows[r], rows[column], strict=True)]
    return [row[-1] for row in rows]
