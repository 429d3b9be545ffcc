"""SPARQL 1.1 endpoints of any kind: queries sent to them, and their responses."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
