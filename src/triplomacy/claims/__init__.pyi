from . import (
    evidence as evidence,
    explain as explain,
    model as model,
    periods as periods,
    tables as tables,
    views as views,
)
from .evidence import (
    Anchor as Anchor,
    Source as Source,
)
from .model import (
    Claim as Claim,
)
from .periods import (
    Period as Period,
    moment as moment,
)
from .tables import (
    DataTable as DataTable,
)
