from .derivation import derive as derive, files as files, read as read
from .ontology import PROPOSITION as PROPOSITION
