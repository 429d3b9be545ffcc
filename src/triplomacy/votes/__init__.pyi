from . import alignment as alignment, charts as charts
from .record import (
    LETTERS as LETTERS,
    NONE as NONE,
    TABLE as TABLE,
    Record as Record,
    RollCall as RollCall,
    Voter as Voter,
    agreement as agreement,
    digest as digest,
    graphs as graphs,
    is_fresh as is_fresh,
    of_choices as of_choices,
    of_dataset as of_dataset,
    order as order,
    read as read,
    table as table,
)
