"""Imports of data sets by others: each becomes a graph in a folder that is written completely or not at all.

An import reads local files, states their origin and hashes in its graph, and writes the same bytes for the same files.
It refers to states that the graph of actors describes and describes all others itself, so that its graph needs only the
ontology and the graph of actors.
"""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
