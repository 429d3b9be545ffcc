from . import draw as draw, model as model
from .draw import (
    MOST as MOST,
    canvas as canvas,
    render as render,
)
from .model import (
    UNNAMED as UNNAMED,
    Network as Network,
    Selection as Selection,
    Subject as Subject,
    Tie as Tie,
)
