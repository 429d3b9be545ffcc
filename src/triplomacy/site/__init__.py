"""The static site: a folder of files for any web host, with pages and data for every IRI of ours."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
