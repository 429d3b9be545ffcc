"""The published graph: a folder of files that any web host can carry, with pages and data for every IRI of ours."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
