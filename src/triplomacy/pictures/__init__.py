"""One model of who says what, and how it is drawn."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
