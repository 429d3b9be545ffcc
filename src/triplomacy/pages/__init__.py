"""Pages for people: what a dataset holds, rendered as HTML that needs no script."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
