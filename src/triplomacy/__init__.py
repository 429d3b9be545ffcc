"""A knowledge graph of diplomacy: who says what about whom, where a source says so, and since when.

>>> from triplomacy import Question, ask, find_project
>>> reply = ask(find_project(), Question("who-recognises"))
>>> reply.answer.columns[0]
'state'
"""

from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
__version__ = "0.1.0"
