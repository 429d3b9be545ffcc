"""The text of a query, and all that is told from it: services, scopes, bound terms, patterns, dependencies, pages."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
