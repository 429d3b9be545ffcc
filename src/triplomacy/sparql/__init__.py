"""The text of a query as one syntax tree, and all that is told from it: bound terms, services, patterns, pages."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
