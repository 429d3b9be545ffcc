from .derivation import derive as derive, read as read
from .ontology import PROPOSITION as PROPOSITION
