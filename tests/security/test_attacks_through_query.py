"""`capstan query`, as an LP and as a manager: the attacks on a reader's login, typed in."""

import json

import pytest

from tests.integration.test_cli import Run, runner
from tests.security.reader_attacks import READER_ATTACKS
from tests.security.world import World, foreign_canaries


@pytest.fixture
def query(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(world.database, monkeypatch, capsys)


@pytest.mark.parametrize("who", ["gp", "lp1"])
def test_the_command_answers_its_own_rows_and_refuses_every_attack(
    world: World, query: Run, who: str
) -> None:
    viewer = world.viewer(who, "alpha")
    asked = ("query", "alpha", "--as", viewer.email, "--json")
    own = query(*asked, "select * from fct_cash_flows")
    assert own.code == 0 and len(json.loads(own.out)) > 0
    assert foreign_canaries(own.out, viewer) == set()
    role = world.login(viewer).role
    for attack in READER_ATTACKS:
        if attack.statement == f"set role {role}":
            continue  # what it is already
        said = query(*asked, attack.statement)
        assert said.code == 1, attack.name
        assert foreign_canaries(said.out + said.err, viewer) == set(), attack.name
