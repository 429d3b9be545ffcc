from .derivation import derive as derive, generated as generated, read as read
from .ontology import PROPOSITION as PROPOSITION
from .table import NUMBER as NUMBER, Role as Role
