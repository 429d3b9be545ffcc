from .derivation import Derived as Derived, derive as derive, files as files, read as read
from .ontology import PROPOSITION as PROPOSITION
from .table import NUMBER as NUMBER, Role as Role
