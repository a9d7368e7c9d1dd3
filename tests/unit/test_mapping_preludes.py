"""Preludes: what mappings share is run first, under the same rules, and belongs to their digest."""

from pathlib import Path

import pytest

from ingestion.connectors.shipped import connector_mappings, connector_names
from ingestion.errors import MappingError, UnreadableFileError
from ingestion.mapping import Mapping, read_mapping, run_mapping
from ingestion.readers.open_file import read_file

BODY = "select _row_number, who as investor_id, shout as name from people"
PEOPLE = "-- Everybody, loudly.\nselect *, upper(who) as shout from input"


def mapping(folder: Path, name: str = "_people.sql", prelude: str | None = PEOPLE) -> Mapping:
    if prelude is not None:
        (folder / "_people.sql").write_text(prelude)
    path = folder / "m.sql"
    path.write_text(f"-- stream: investors\n-- prelude: {name}\n{BODY}")
    return read_mapping(path)


def rows(found: Mapping) -> list[tuple[object, ...]]:
    table = read_file(b"who\nann\nbob\n", "people.csv", found.options)
    return run_mapping(found, table, "people.csv").table.frame.select("investor_id", "name").rows()


def test_a_mapping_reads_its_prelude_as_a_relation(tmp_path: Path) -> None:
    assert rows(mapping(tmp_path)) == [("ann", "ANN"), ("bob", "BOB")]


def test_a_changed_prelude_is_a_changed_mapping(tmp_path: Path) -> None:
    before = mapping(tmp_path)
    assert mapping(tmp_path) == before
    after = mapping(tmp_path, prelude=PEOPLE + " where who <> 'bob'")
    assert (after.sql, after.sha256 == before.sha256) == (before.sql, False)
    assert rows(after) == [("ann", "ANN")]


@pytest.mark.parametrize(
    "name",
    [
        "../_people.sql", "./_people.sql", "/etc/_people.sql", "sub/_people.sql", "..\\_people.sql",
        "people.sql", "_people.txt", "_.sql", "__people.sql", "_People.sql", "_people.sql.sql",
        "_pe ople.sql", '_p"eople.sql', "",
    ],
)  # fmt: skip
def test_only_a_file_beside_the_mapping_can_be_its_prelude(tmp_path: Path, name: str) -> None:
    """The same words stand in files that such a name would reach."""
    inner = tmp_path / "inner"
    (inner / "sub").mkdir(parents=True)
    for place in (tmp_path, inner, inner / "sub"):
        for file in ("_people.sql", "people.sql", "_people.txt"):
            (place / file).write_text(PEOPLE)
    with pytest.raises(MappingError, match="a file of the same folder"):
        mapping(inner, name)


def test_a_prelude_that_is_not_there_is_named_with_its_mapping(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"prelude .*_people\.sql of the mapping .*m\.sql cannot be read"):
        mapping(tmp_path, prelude=None)


@pytest.mark.parametrize(
    ("prelude", "message"),
    [
        ("select 1; select 2", r"_people\.sql holds 2 statements"),
        ("create table people as select * from input", "exactly one select"),
        ("selec 1", r"prelude .*_people\.sql is not valid SQL"),
    ],
)
def test_a_prelude_is_one_select(tmp_path: Path, prelude: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        mapping(tmp_path, prelude=prelude)


def test_a_fault_in_a_prelude_names_its_own_line(tmp_path: Path) -> None:
    found = mapping(tmp_path, prelude="select *, upper(who) as shout,\n    nobody\nfrom input")
    with pytest.raises(UnreadableFileError, match=r"prelude _people\.sql .*nobody.*line 2 of 3"):
        rows(found)


def test_a_prelude_reads_no_file_either(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("hidden\n")
    found = mapping(
        tmp_path,
        prelude=f"select *, (select content from read_text('{tmp_path}/secret.csv')) as shout from input",
    )
    with pytest.raises(UnreadableFileError, match=r"(?i)disabled|permission|external access"):
        rows(found)


def test_a_prelude_cannot_take_the_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "_input.sql").write_text(PEOPLE)
    with pytest.raises(UnreadableFileError, match=r"_input\.sql .*already exists"):
        rows(mapping(tmp_path, "_input.sql"))


def test_shipped_preludes_are_no_sources_and_no_mappings_of_their_own() -> None:
    names = {item.name: item.prelude for source in connector_names() for item in connector_mappings(source)}
    assert not [name for name in names if name.startswith("_")]
    stripe = {item.prelude.name for item in connector_mappings("stripe") if item.prelude is not None}
    assert stripe == {"_charges.sql"} and len(connector_mappings("stripe")) == 4
