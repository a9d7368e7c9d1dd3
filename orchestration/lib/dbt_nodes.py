"""The models and tests of a manifest, in the orchestrator's words. No Dagster here."""

import json
import re
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Model:
    """A model of the dbt project. `key` is layer and name, `parents` are keys of models and sources."""

    unique_id: str
    key: tuple[str, ...]
    group: str
    description: str
    materialized: str
    parents: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Test:
    """A data test of the project, attached to one model."""

    unique_id: str
    check_name: str
    model: tuple[str, ...]
    description: str


@dataclass(frozen=True)
class Project:
    """Models, parents first, and data tests. Tests of sources are left out: loading has its own checks."""

    models: tuple[Model, ...]
    tests: tuple[Test, ...]


def read_project(manifest: Path) -> Project:
    """The project of a manifest.json."""
    document = json.loads(manifest.read_text(encoding="utf-8"))
    nodes: dict[str, dict[str, Any]] = document["nodes"]
    keys = {name: _model_key(node) for name, node in nodes.items() if node["resource_type"] == "model"}
    every_key = {**keys, **{name: _source_key(node) for name, node in document["sources"].items()}}
    models = {
        key: Model(
            unique_id=name,
            key=key,
            group=re.sub(r"\W", "_", "_".join(nodes[name]["fqn"][1:-1])),
            description=nodes[name].get("description") or "",
            materialized=nodes[name]["config"]["materialized"],
            parents=tuple(sorted(every_key[p] for p in nodes[name]["depends_on"]["nodes"] if p in every_key)),
        )
        for name, key in sorted(keys.items())
    }
    order = TopologicalSorter({key: model.parents for key, model in models.items()}).static_order()
    return Project(tuple(models[key] for key in order if key in models), tuple(_tests(nodes, keys)))


def _tests(nodes: dict[str, dict[str, Any]], keys: dict[str, tuple[str, ...]]) -> list[Test]:
    found = []
    for name, node in sorted(nodes.items()):
        if node["resource_type"] != "test":
            continue
        parents = [parent for parent in node["depends_on"]["nodes"] if parent in keys]
        attached = node.get("attached_node")
        model = keys.get(attached) if attached in keys else keys[parents[-1]] if parents else None
        if model is None:
            continue
        # The hash at the end of the id keeps apart tests whose long names dbt shortens alike.
        short = re.sub(r"\W", "_", node["name"])[:180]
        suffix = f"_{name.rsplit('.', 1)[-1][:10]}" if node.get("test_metadata") else ""
        found.append(Test(name, f"{short}{suffix}", model, node.get("description") or ""))
    return found


def _model_key(node: dict[str, Any]) -> tuple[str, ...]:
    return (node["fqn"][1], node["name"])


def _source_key(node: dict[str, Any]) -> tuple[str, ...]:
    return (node["schema"], node["identifier"])
