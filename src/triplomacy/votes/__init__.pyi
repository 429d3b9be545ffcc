from . import alignment as alignment, charts as charts
from .record import (
    ABSENT as ABSENT,
    LETTERS as LETTERS,
    TABLE as TABLE,
    Record as Record,
    RollCall as RollCall,
    Voter as Voter,
    ballots_of_choices as ballots_of_choices,
    digest as digest,
    table as table,
)
