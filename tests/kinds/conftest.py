"""A small ontology in a folder of its own, with a table of kinds."""

from collections.abc import Callable
from pathlib import Path

import pytest

ONTOLOGY = """
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix press: <https://gazette.example/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix tri: <https://w3id.org/triplomacy/ontology#> .

tri:Entity a owl:Class . tri:Actor a owl:Class ; rdfs:label "actor"@en ; rdfs:subClassOf tri:Entity .
tri:Ballot a owl:Class ; rdfs:label "ballot"@en . tri:Resolution a owl:Class ; rdfs:label "resolution"@en .
tri:ValueSet a owl:Class . tri:Unit a owl:Class ; rdfs:label "unit"@en ; rdfs:subClassOf tri:ValueSet .
tri:Proposition a owl:Class ; rdfs:label "proposition"@en .
tri:Occurrence a owl:Class ; rdfs:label "occurrence"@en ; rdfs:subClassOf tri:Proposition .
tri:Tally a owl:Class ; rdfs:label "tally"@en ; rdfs:subClassOf tri:Occurrence .
tri:Recount a owl:Class ; rdfs:label "recount"@en ; rdfs:subClassOf tri:Tally .
press:Correction a owl:Class ; rdfs:label "correction"@en ; rdfs:subClassOf tri:Occurrence .
tri:role a owl:ObjectProperty ; rdfs:domain tri:Proposition .
tri:agent a owl:ObjectProperty ; rdfs:subPropertyOf tri:role ; rdfs:range tri:Actor .
tri:counter a owl:ObjectProperty ; rdfs:subPropertyOf tri:agent .
tri:tallied a owl:ObjectProperty ; rdfs:subPropertyOf tri:role .
tri:witness a owl:ObjectProperty ; rdfs:subPropertyOf tri:role .
tri:unit a owl:ObjectProperty . tri:count a owl:DatatypeProperty .
tri:wording a owl:AnnotationProperty .
press:corrector a owl:ObjectProperty ; rdfs:subPropertyOf tri:agent .
"""
HEAD = "class\trole\tleast\tmost\tvalues\twords\n"
ROWS = """\
Proposition	rdfs:label	1	1	@en	label
Tally	count	0	1	xsd:nonNegativeInteger	number
Tally	counter	1	1	Actor	actor that counts
Tally	tallied	1	1	Resolution, Ballot	thing that was counted
Tally	unit	0	1	Unit	unit
Tally	witness	0	*	Entity	witness
Tally	wording	0	1	@en	wording
"""

Writer = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Writer:
    """Return what writes rows to ``kinds.tsv``, or to another table, in the folder of the small ontology."""
    (tmp_path / "small.ttl").write_text(ONTOLOGY, encoding="utf-8")
    (tmp_path / "shapes").mkdir()

    def table(rows: str = ROWS, name: str = "kinds.tsv", head: str = HEAD) -> Path:
        (tmp_path / name).write_text(head + rows, encoding="utf-8")
        return tmp_path

    return table
