from . import endpoint as endpoint, placing as placing, reports as reports, suppressions as suppressions
from .changed import changes as changes
from .changed.run import (
    validate_changes as validate_changes,
)
from .plan import (
    DEFAULT as DEFAULT,
    Check as Check,
    Outcome as Outcome,
    Plan as Plan,
)
from .reasoning import entailments as entailments
from .run import (
    validate_files as validate_files,
    validate_project as validate_project,
)
