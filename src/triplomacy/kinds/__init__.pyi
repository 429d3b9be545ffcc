from .derivation import derive as derive, outputs as outputs, read as read
from .ontology import PROPOSITION as PROPOSITION
