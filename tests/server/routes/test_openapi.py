"""The description of the interface."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.support.serving import Served
from triplomacy import queries
from triplomacy.dataset.project import Project
from triplomacy.http import negotiation
from triplomacy.server.routes import openapi
from triplomacy.server.routes.question_address import SCOPE

PROJECT = Project(ROOT)
BASE = "https://example.com/graphs"


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    """Return the description as a client gets it."""
    found: dict[str, Any] = json.loads(json.dumps(openapi.description(PROJECT, BASE)))
    return found


def test_description_is_valid(description: dict[str, Any]) -> None:
    """The description is valid OpenAPI 3.1 by the schema of the specification, which finds a mistake in it."""
    import jsonschema_rs
    import schemathesis

    schemathesis.openapi.from_dict(description).validate()
    wrong = json.loads(json.dumps(description))
    wrong["paths"]["/sparql"]["get"]["parameters"][0]["in"] = "nowhere"
    with pytest.raises(jsonschema_rs.ValidationError, match="nowhere"):
        schemathesis.openapi.from_dict(wrong).validate()


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    """Each $ref names a part that is there."""

    def references(part: object) -> list[str]:
        if isinstance(part, dict):
            return [part["$ref"]] if "$ref" in part else [ref for value in part.values() for ref in references(value)]
        return [ref for value in part for ref in references(value)] if isinstance(part, list) else []

    found = set(references(description))
    assert found
    for reference in found:
        part = description
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]


def test_every_stored_query_is_described(description: dict[str, Any]) -> None:
    """Each stored query has its path, with its question, its parameters and their defaults."""
    stored = [queries.find(PROJECT, f"{theme}/{name}") for theme, name in queries.names(PROJECT)]
    assert set(description["paths"]) == {f"/queries/{each.theme}/{each.name}" for each in stored} | {"/sparql"}
    for query in stored:
        operation = description["paths"][f"/queries/{query.theme}/{query.name}"]["get"]
        assert operation["summary"] == query.summary
        own = {each["name"]: each for each in operation["parameters"] if "name" in each}
        assert set(own) == {parameter.name for parameter in query.parameters} | {"format"}
        for parameter in query.parameters:
            assert own[parameter.name]["schema"].get("default") == parameter.default
            assert own[parameter.name]["required"] == (parameter.default is None)


def test_scope_is_everywhere(description: dict[str, Any]) -> None:
    """Date, view, actor, evidence and language may be given with each stored query."""
    names = {f"#/components/parameters/{parameter.name}" for parameter in SCOPE} - {"#/components/parameters/format"}
    for path, item in description["paths"].items():
        if path.startswith("/queries/"):
            assert {each["$ref"] for each in item["get"]["parameters"] if "$ref" in each} == names


def test_operations_have_names_of_their_own(description: dict[str, Any]) -> None:
    """No two operations have the same name, which clients make their functions from."""
    names = [operation["operationId"] for item in description["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() for name in names)


def test_every_format_is_described(description: dict[str, Any]) -> None:
    """An answer of rows can be had in each format of rows."""
    content = description["components"]["responses"]["Solutions"]["content"]
    assert {each.media_type for each in (*negotiation.SOLUTIONS, negotiation.HTML)} <= set(content)
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/Solutions"}


def test_addresses_are_below_the_base(description: dict[str, Any]) -> None:
    """A client finds the server where it says that it is."""
    assert description["servers"] == [{"url": BASE}]


def test_types_are_those_of_parameters(own_gazette: Project) -> None:
    """Each type of a parameter, options, several values and one without a default are described as such."""
    folder = own_gazette.queries / "zoo"
    folder.mkdir()
    header = "\n".join(
        f"#+   {name}: {entry}"
        for name, entry in {
            "a": "{type: integer, default: 3}",
            "b": "{type: number, default: 0.5}",
            "c": "{type: boolean, default: true}",
            "d": "{type: date, default: 2022-01-01}",
            "e": "{type: edtf, default: 2022}",
            "f": "{type: string, options: [x, y], default: x}",
            "g": "{type: iri, many: true}",
        }.items()
    )
    where = " ".join(f"?{name}" for name in "abcdefg")
    text = (
        f"#+ summary: What?\n#+ parameters:\n{header}\n\nSELECT {where} WHERE {{ ?s ?p {', '.join(where.split())} }}\n"
    )
    (folder / "all.rq").write_text(text, encoding="utf-8")
    operation = openapi.description(own_gazette, BASE)["paths"]["/queries/zoo/all"]["get"]
    schemas = {each["name"]: each["schema"] for each in operation["parameters"] if "name" in each}
    assert schemas["a"] == {"type": "integer", "default": 3}
    assert schemas["b"] == {"type": "number", "default": 0.5}
    assert schemas["c"] == {"type": "boolean", "default": True}
    assert schemas["d"] == {"type": "string", "format": "date", "default": "2022-01-01"}
    assert schemas["e"]["default"] == "2022"
    assert schemas["f"] == {"enum": ["x", "y"], "default": "x"}
    assert (schemas["g"]["type"], schemas["g"]["items"]["type"]) == ("array", "string")


CHECKS = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"),
    *("response_headers_conformance", "negative_data_rejection", "unsupported_method"),
)


def made_up(served: Served, folder: Path, *options: str) -> int:
    """Have schemathesis make up requests, which are all to be answered as described; return how many there were."""
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{served.base}/openapi.json", "--seed", "1"),
        *("--mode", "all", "--checks", ",".join(CHECKS), *options),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    tested = re.search(r"(\d+) generated", done.stdout)
    assert tested is not None
    return int(tested[1])


def test_server_does_as_it_says(served: Served, tmp_path: Path) -> None:
    """Requests that schemathesis makes up, right or wrong, get the statuses, types and schemas that are described.

    Some operations stand for all, which differ by the types of their parameters alone.
    """
    some = ("--include-path-regex", "sparql|who-recognises$|did-it-hold-on|why|ties")
    assert made_up(served, tmp_path, "--phases", "coverage,fuzzing", "--max-examples", "3", *some) > 200


def test_every_operation_does_as_it_says(served: Served, tmp_path: Path, description: dict[str, Any]) -> None:
    """Of each operation a few requests that schemathesis makes up get what is described."""
    operations = sum(len(item) for item in description["paths"].values())
    assert made_up(served, tmp_path, "--phases", "fuzzing", "--max-examples", "2") >= operations
