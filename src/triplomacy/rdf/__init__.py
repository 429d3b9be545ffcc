"""Text to triples and back, each with its place: parsing, Turtle, the normal form, differences of texts."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
