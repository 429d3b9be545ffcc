from .plan import (
    BASE as BASE,
    SitePlan as SitePlan,
    write as write,
)
