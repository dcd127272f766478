"""Acts and events to judge, made by hand."""

from dataclasses import replace

from edge.records import Event, EventKind
from training.synthesis.night_plan import NightEvent, NightEventKind

CRY_AT_S, COMES_AT_S, ENDS_AT_S, NEXT_AT_S = 102.0, 140.0, 180.0, 240.0

CRYING = NightEvent(
    night=0,
    kind=NightEventKind.CRY,
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
TELEVISION = replace(CRYING, kind=NightEventKind.CRY_TELEVISION)
SOOTHED = replace(CRYING, kind=NightEventKind.SOOTHED, adult=(101.0, ENDS_AT_S), manner="speech", adult_over_cry_db=3.0)
LATE = replace(SOOTHED, kind=NightEventKind.SOOTHED_LATE, adult=(COMES_AT_S, ENDS_AT_S))
STOPS = replace(SOOTHED, kind=NightEventKind.SOOTHING_STOPS, adult=(101.0, COMES_AT_S))
FUSSING = replace(CRYING, kind=NightEventKind.FUSS, cry=None)
CAT = replace(CRYING, kind=NightEventKind.CONFUSER, confuser="cat", cry=None, infant="", sources=("catmeows",))


def event(kind: EventKind, at_s: float) -> Event:
    """One event of one episode."""
    return Event(kind, "episode", "crying", at_s - 5, at_s, 0.9, "")
