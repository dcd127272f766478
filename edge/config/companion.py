"""What the companion's section of the configuration may say."""

import re
from dataclasses import dataclass, field

from edge.companion.alerting.escalation import EscalationSettings
from edge.companion.alerting.monitor import MonitorSettings
from edge.companion.history.journal import JournalSettings
from edge.companion.push.queue import PushSettings
from edge.config.page import PageSettings


@dataclass(frozen=True, slots=True)
class PhoneSettings:
    """`hushd phone`, the companion that calls the parents where there is no Home Assistant."""

    devices: tuple[str, ...] = ()
    """Speakers that are missed even if they were never heard of; those that were heard of are missed anyway."""
    serve_page: bool = True
    """Whether there is a page for the phones' browsers."""
    push: PushSettings = field(default_factory=PushSettings)
    calling: EscalationSettings = field(default_factory=EscalationSettings)
    watch: MonitorSettings = field(default_factory=MonitorSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    page: PageSettings = field(default_factory=PageSettings)

    def __post_init__(self) -> None:
        """Refuse what no speaker can be called."""
        for device in self.devices:
            if not re.fullmatch(r"[\w.-]+", device):
                raise ValueError(f"devices must be names of letters, digits, - _ or ., one is {device!r}")
