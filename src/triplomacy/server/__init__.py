"""The public endpoint: SPARQL, linked data, stored queries and pages over HTTP, with nothing in it that writes."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
