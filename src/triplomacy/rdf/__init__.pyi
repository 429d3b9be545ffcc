from . import (
    normal_form as normal_form,
    parsing as parsing,
    source_map as source_map,
    text_diff as text_diff,
    turtle as turtle,
    vocabularies as vocabularies,
)
from .hierarchy import closure as closure, subclasses as subclasses, superclasses as superclasses
from .nested_turtle import nest as nest
from .normal_form import WIDTH as WIDTH, arrange as arrange, normalise as normalise
from .parsing import (
    load_file as load_file,
    parse_file as parse_file,
    parse_text as parse_text,
    stream as stream,
    term_of as term_of,
    to_store as to_store,
    to_stored as to_stored,
)
from .rdflib_terms import from_rdflib as from_rdflib, to_graph as to_graph, to_rdflib as to_rdflib
from .shorthand import (
    FIRST as FIRST,
    LABEL as LABEL,
    NIL as NIL,
    REST as REST,
    SUBCLASS_OF as SUBCLASS_OF,
    TYPE as TYPE,
)
from .source_map import SourceMap as SourceMap, Written as Written, in_scope as in_scope
from .text_diff import Outline as Outline, TripleChange as TripleChange
from .vocabularies import namespace as namespace, standard as standard
