"""Acts and events to judge, made by hand."""

from dataclasses import replace

from edge.records import Event, EventKind
from training.synthesis.night_plan import Act, Kind

CRY_AT_S, COMES_AT_S, ENDS_AT_S, NEXT_AT_S = 102.0, 140.0, 180.0, 240.0

CRYING = Act(
    night=0,
    kind=Kind.CRY,
    confuser="",
    span=(100.0, ENDS_AT_S + 3),
    slot=(100.0, NEXT_AT_S),
    cry=(CRY_AT_S, ENDS_AT_S),
    adult=None,
    manner="",
    infant="app:1",
    sources=("donateacry",),
    clips=("donateacry/1.ogg",),
    dbfs=-30.0,
    near_db=8.0,
    adult_over_cry_db=None,
    bed="moodist/fan.ogg",
    bed_below_db=25.0,
    microphone=("full band", "noisy"),
)
TELEVISION = replace(CRYING, kind=Kind.CRY_TELEVISION)
SOOTHED = replace(CRYING, kind=Kind.SOOTHED, adult=(101.0, ENDS_AT_S), manner="speech", adult_over_cry_db=3.0)
LATE = replace(SOOTHED, kind=Kind.SOOTHED_LATE, adult=(COMES_AT_S, ENDS_AT_S))
STOPS = replace(SOOTHED, kind=Kind.SOOTHING_STOPS, adult=(101.0, COMES_AT_S))
FUSSING = replace(CRYING, kind=Kind.FUSS, cry=None)
CAT = replace(CRYING, kind=Kind.CONFUSER, confuser="cat", cry=None, infant="", sources=("catmeows",))


def event(kind: EventKind, at_s: float) -> Event:
    """One event of one episode."""
    return Event(kind, "episode", "crying", at_s - 5, at_s, 0.9, "")
