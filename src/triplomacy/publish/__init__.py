"""What is published of a dataset: documents, descriptions, dumps, nanopublications, differences, push and pull."""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
