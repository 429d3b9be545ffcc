from .write import (
    BASE as BASE,
    SitePlan as SitePlan,
    write as write,
)
