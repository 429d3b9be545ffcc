from .plan import (
    BASE as BASE,
    Plan as Plan,
    write as write,
)
