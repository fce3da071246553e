"""What the checks of an exercise say: one `Report` an exercise, one `Check` a check."""

from dataclasses import dataclass, field


@dataclass
class Check:
    """One check of an exercise and how it went."""

    name: str
    claim: str
    status: str  # passed | failed | skipped
    message: str = ""
    given: dict[str, str] = field(default_factory=dict)
    expected: str | None = None
    got: str | None = None
    trace: list[str] = field(default_factory=list)


@dataclass
class Report:
    """What the checks say about one exercise."""

    name: str
    status: str  # passed | failed | not_attempted | skipped
    checks: list[Check] = field(default_factory=list)
    misconception: str | None = None
    called: set[str] = field(default_factory=set)  # exercises that were called while a check failed
    underneath: list[str] = field(default_factory=list)  # those of them that fail their own checks
    printed: str = ""
    seconds: float = 0.0
    problem: str = ""  # why checks could not run at all
    unsaved: str = ""  # why the result could not be noted in the progress
    answered_by: str = "learner"

    @property
    def rests_on(self) -> str:
        """The sentence about the failing exercises underneath; empty when there are none."""
        if not self.underneath:
            return ""
        names, them = " and ".join(self.underneath), "those" if len(self.underneath) > 1 else "that"
        return f"This calls {names}, whose own checks fail at the moment. Mend {them} first."

    def as_json(self) -> dict:
        """The object that `check --json` prints."""
        # A reader of the JSON learns from `checks` alone why nothing could be checked, or what has to be mended first.
        could_not = [Check("", "The checks can run.", "failed", self.problem)] if self.problem else []
        return {
            "name": self.name,
            "status": self.status,
            "checks": [self._as_json(check) for check in self.checks or could_not],
            "misconception": self.misconception,
            "seconds": round(self.seconds, 3),
        }

    def _as_json(self, check: Check) -> dict:
        message = f"{self.rests_on} {check.message}".strip() if check.status == "failed" else check.message
        return {"name": check.name, "claim": check.claim, "status": check.status, "message": message}
