"""The header: two lines that answer where it stands and what comes next."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from cockpit.tui import ink
from cockpit.tui.ink import DIM
from cockpit.tui.painted import Lines
from cockpit.tui.strip import Piece, fit, next_step, notice, outlook


class Header(Lines, can_focus=False):
    """State, trial, best, counts, agent, trust, countdown; then the next step and any warning."""

    def compose_lines(self, width: int, height: int) -> Sequence[Content]:
        """Return the two lines."""
        return [self._first(width), self._second(width)][: max(1, height)]

    def _first(self, width: int) -> Content:
        if self.view.reading is not None and not self.view.ended:
            return ink.ink((" ● READING ", "bold $chip on $primary"))
        left = self.view.remaining
        words = ((ink.span(left), "bold $accent"), (" left ", DIM)) if left else ()
        pieces = [
            Piece(text=self._chip()),
            Piece(text=self._trial(full=width >= 110), rank=3),
            Piece(text=self._best(full=width >= 110), rank=1),
            Piece(text=self._counts(full=width >= 110), rank=2),
            Piece(text=ink.ink(*words), right=True),
        ]
        return fit(pieces, width, gap=3 if width >= 100 else 2)

    def _chip(self) -> Content:
        view = self.view
        if view.board.released:
            return ink.ink((" ■ RELEASED ", "bold $chip on $warning"))
        if view.board.paused:
            return ink.ink((" ■ PAUSED ", "bold $chip on $warning"))
        if view.review is not None:
            return ink.ink((" ▸ REVIEW ", "bold $chip on $warning"))
        if view.ended:
            return ink.ink((" ■ ENDED ", "bold $chip on $muted"))
        stage = view.live.stage
        if stage == "idle":
            return ink.ink((f" ● {view.board.phase.upper()} ", "bold $chip on $primary"))
        ground = "$accent" if stage == "train" else "$primary"
        return ink.ink((f" ● {stage.upper()} ", f"bold $chip on {ground}"))

    def _trial(self, *, full: bool) -> Content:
        board = self.view.board
        if board.phase == "rehearsal":
            done = board.rehearsal.through
            label = "rehearsal " if full else ""
            return ink.ink((label, DIM), (f"{done} of {self.view.board.rehearsal.needed}", "bold"))
        row = self.view.open
        if row is None:  # idle: the chip says the phase
            return ink.ink((board.phase, DIM)) if self.view.live.stage != "idle" else Content()
        if not full:
            return ink.ink((f"#{ink.number(row.number)}", "bold"))
        label = "baseline " if row.kind == "baseline" else "trial "
        return ink.ink((label, DIM), (ink.number(row.number), "bold"))

    def _best(self, *, full: bool) -> Content:
        view = self.view
        if view.best is None:
            return Content()
        share, sigmas = view.gain
        parts: list[str | tuple[str, str] | Content] = [
            ("best ", DIM),
            (view.board.metric.format(view.best), "bold $keep"),
            (f" #{view.board.incumbent}", DIM),
        ]
        if full and share is not None:
            parts.append((f" {share * 100:+.1f} %", "$keep"))
        if sigmas is not None:
            parts.append((f" {sigmas:.0f}σ", "$keep"))
        return ink.ink(*parts)

    def _counts(self, *, full: bool) -> Content:
        counts = self.view.board.counts
        parts: list[str | tuple[str, str] | Content] = []
        if not self.view.board.rows:
            return Content()
        for word, label, glyph, style in (
            ("keep", "keep", "▲", "$keep"),
            ("simpler", "simpler", "◆", "$simpler"),
            ("discard", "discard", "▽", "$discard"),
            ("crash", "crash", "✗", "$crash"),
        ):
            value = counts.get(word, 0)
            if value or word in ("keep", "discard"):
                parts.append(("  " if full else " ") if parts else "")
                parts.append((f"{label} ", DIM) if full else (glyph, style))
                parts.append((str(value), style if value else DIM))
        return ink.ink(*parts)

    def _agent(self) -> Content:
        row = self.view.open
        if row is None or row.lane is None:
            return ink.ink((self.view.board.agent, DIM))
        model = f" {row.model}" if row.model else ""
        return ink.ink((ink.author(row), "$secondary"), (model, DIM))

    def _trust(self) -> Content:
        board = self.view.board
        level = board.isolation.level if board.isolation else ""
        trust = board.fingerprint.trust if board.fingerprint else ""
        style = "$accent" if level in ("sealed", "walled") else "$warning"
        both = " ".join(word for word in (level, trust) if word)
        return ink.ink(("trust ", DIM), (both, style)) if both else Content()

    def _second(self, width: int) -> Content:
        text, style = next_step(self.view)
        warning, colour = notice(self.view)
        pressing = style != DIM
        return fit(
            [
                Piece(text=ink.ink((f" {text}", style))),
                Piece(text=ink.ink((warning, colour)), rank=2 if pressing else 0),
                Piece(text=self._agent(), rank=5, right=True),
                Piece(text=self._trust(), rank=4, right=True),
                Piece(text=ink.ink((f"{outlook(self.view)} ", DIM)), rank=3, right=True),
            ],
            width,
        )
