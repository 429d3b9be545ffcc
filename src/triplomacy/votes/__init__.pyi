from . import alignment as alignment, charts as charts
from .record import (
    ABSENT as ABSENT,
    LETTERS as LETTERS,
    TABLE as TABLE,
    Record as Record,
    RollCall as RollCall,
    Voter as Voter,
    agreement as agreement,
    ballots_of_choices as ballots_of_choices,
    digest as digest,
    graphs as graphs,
    is_fresh as is_fresh,
    read as read,
    read_dataset as read_dataset,
    sort_key as sort_key,
    table as table,
)
