"""Pictures of claims: a model of what a picture shows, and its drawing."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
