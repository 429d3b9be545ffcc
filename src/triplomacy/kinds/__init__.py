"""Kinds of proposition in a table with one row a role, from which their shapes and ranges are generated.

A table is a file of tab-separated values, ``ontology/kinds.tsv``, and a project may have more of them beside it, each
called ``NAME-kinds.tsv``. Its columns:

======  ================================================================================================
class   the kind of proposition: a class below ``tri:Proposition``, or that class for what all kinds have
role    the property; empty in a row that only says what a sentence calls the kind
least   how many values there have to be
most    how many there may be, ``*`` where there is no limit
values  classes, of which a value has to be in one; or a data type; or ``@`` and the language of a text
words   what a sentence calls the role after a number: *exactly one* voter, *at least two* parties
======  ================================================================================================

A name without a prefix is one of ``tri:``; the other prefixes are those of the ontology's files. What a class says
holds for the classes below it, which say again only what is narrower. Labels, definitions and examples stay in the
ontology.
"""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
