"""Data sets of others, made into graphs of ours: each a folder that is written whole or not at all.

An import reads files that somebody has, says in its graph where they are from and what they hash to, and gives the same
bytes for the same files. What the graph of the actors describes is referred to; other states are described beside the
votes, so that the graph can be read with the ontology and the actors alone.
"""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
