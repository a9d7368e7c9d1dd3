"""The dbt project as it is written: what every model says of itself, whatever rows there are."""

import pytest

from orchestration.lib import dbt_manifest, dbt_runner
from tests.conftest import Cluster


def test_parsing_needs_no_database_and_no_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert dbt_runner.main(["parse"]) == 0
    assert "models" in capsys.readouterr().out
    assert dbt_runner.main(["build"]) == 2


def test_every_mart_is_public_contracted_described_by_its_grain_and_keyed_by_tenant(
    cluster: Cluster,
) -> None:
    manifest = dbt_manifest.parsed(cluster.folder / "home" / "dbt")
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    served = [node for node in models if node.fqn[1] == "marts"]
    assert len(served) >= 28
    for node in models:
        assert node.description.startswith("One row per "), node.name
    for node in served:
        assert node.access == "public" and node.config.contract.enforced, node.name
        assert node.description.startswith("One row per tenant"), node.name
        assert next(iter(node.columns)) == "tenant_id" and node.config.unique_key[0] == "tenant_id", node.name
        assert all(column.data_type and column.description for column in node.columns.values()), node.name
        reads = {
            manifest.nodes[parent].fqn[1] for parent in node.depends_on.nodes if parent in manifest.nodes
        }
        assert not [parent for parent in node.depends_on.nodes if parent.startswith("source.")], node.name
        assert reads <= {"staging", "intermediate", "marts"}, node.name
