"""A dataset written whole or not at all: as files, as a store on disk, and that store brought up to date."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
