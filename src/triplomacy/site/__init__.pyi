from .output import (
    BASE as BASE,
    Plan as Plan,
    write as write,
)
