"""What a model is told every time: a template of rules that a workspace may replace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cockpit.errors import ConfigError
from cockpit.metric import Direction, Metric
from cockpit.trial import Tier

SHIPPED = Path(__file__).with_name("rules.md")
SECTIONS = (
    "system",
    "small",
    "reply A",
    "reply B",
    "reply C",
    "lesson",
    "lesson C",
    "question",
    "question C",
)
_SECTION = re.compile(rf"^# ({'|'.join(SECTIONS)})\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The template, cut into its sections; `small` is the short `system` of small models.

    Those of a lesson and a question are for replies as an object, and for replies in plain text.
    """

    system: str
    small: str
    reply_a: str
    reply_b: str
    reply_c: str
    lessons: tuple[str, str]
    questions: tuple[str, str]

    def reply(self, tier: Tier) -> str:
        """Return how to answer at a tier."""
        return {"A": self.reply_a, "B": self.reply_b}.get(tier, self.reply_c)

    def asides(self, tier: Tier, reflect: int | None) -> str:
        """Return what may stand beside the edit: a question, and a lesson of a past trial."""
        plain = tier == "C"
        lesson = self.lessons[plain].replace("{trial}", str(reflect))
        return "\n\n".join(([] if reflect is None else [lesson]) + [self.questions[plain]])

    def opening(self, metric: Metric, *, short: bool) -> str:
        """Return the system rules with the metric named."""
        way = "lower" if metric.direction is Direction.MINIMIZE else "higher"
        text = self.small if short else self.system
        return text.replace("{metric}", metric.name).replace("{direction}", way)


def load(path: Path | None = None) -> Rules:
    """Read a template; a section that it leaves out is the shipped one.

    Raises:
        ConfigError: the file cannot be read or has no section.
    """
    sections = _sections(SHIPPED.read_text(encoding="utf-8"))
    if path is not None:
        try:
            own = _sections(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError) as error:
            raise ConfigError(
                f"the rules {path} cannot be read: {error}", "mend or remove the file"
            ) from error
        if not own:
            raise ConfigError(
                f"the rules {path} have no section", "begin one with a line `# system`"
            )
        sections |= own
    return Rules(
        system=sections["system"],
        small=sections["small"],
        reply_a=sections["reply A"],
        reply_b=sections["reply B"],
        reply_c=sections["reply C"],
        lessons=(sections["lesson"], sections["lesson C"]),
        questions=(sections["question"], sections["question C"]),
    )


def _sections(text: str) -> dict[str, str]:
    """Cut a template at its headings."""
    parts = _SECTION.split(text)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}
