"""The words of the headset pages and terminal summaries in one language.

English stands with the definitions of figures and in `figure_text`; other languages in ``cxaudio/i18n/headset``.
"""

from collections.abc import Sequence

from cxaudio.i18n import counted, headset_texts, match_language
from cxaudio.laboratory.measures.figure import CRITERIA, Badge, CurveSpec, Figure, FigureSpec, Limit, Presence, Verdict
from cxaudio.laboratory.report import figure_text
from cxaudio.laboratory.report.compare import Cause, Comparison
from cxaudio.laboratory.said import listed, translate

__all__ = ["Wording"]


class Wording:
    """What is shown, in the language of a reader.

    Parameters
    ----------
    language : str
        BCP 47 tag; English where there are no texts of it.

    Examples
    --------
    >>> from cxaudio.laboratory.measures import figure_specs
    >>> skew = figure_specs()["clock.skew_ppm"]
    >>> [(words.name(skew), words.limit(skew.limits[0], skew.unit)) for words in (Wording(), Wording("zh-CN"))]
    [('Clock skew', 'at most ±50 ppm'), ('时钟偏差', '不超过 ±50 ppm')]
    """

    def __init__(self, language: str = "en") -> None:
        self.language = match_language(language)
        self.texts = headset_texts(language)

    def text(self, key: str, **values: object) -> str:
        """Return a fixed text, its blanks filled."""
        return self.texts[key].format(**values)

    def counted(self, key: str, n: int, **values: object) -> str:
        """Return the text for a count."""
        return counted(self.texts, key, n, **values)

    def said(self, sentence: str) -> str:
        """Return what a measure or a judge of takes says."""
        return translate(sentence, self.language)

    def listed(self, parts: Sequence[str]) -> str:
        """Join texts as a sentence does."""
        if len(parts) == 1:
            return parts[0]
        return self.text("page.list_and", most=self.text("page.list_comma").join(parts[:-1]), last=parts[-1])

    def name(self, spec: FigureSpec) -> str:
        """Return what a figure is called."""
        return self.texts.get(f"figure.{spec.key}.name", spec.name)

    def about(self, spec: FigureSpec) -> str:
        """Return the definition of a figure."""
        return self.texts.get(f"figure.{spec.key}.about", spec.about)

    def curve(self, spec: CurveSpec) -> str:
        """Return what a curve is called, and its definition."""
        name, about = (self.texts.get(f"curve.{spec.key}.{part}", getattr(spec, part)) for part in ("name", "about"))
        return self.text("page.label", name=name, text=about)

    def cause(self, spec: FigureSpec) -> str:
        """Return the words for a headset that is worse in a figure."""
        return self.texts.get(f"figure.{spec.key}.cause", str(spec.cause))

    def unit(self, unit: str) -> str:
        """Return a unit."""
        return self.texts.get(f"unit.{unit}", unit)

    def source(self, limit: Limit) -> str:
        """Return where a limit is from."""
        return self.texts.get(f"source.{limit.source}", limit.source)

    def criterion(self, key: str) -> str:
        """Return the title of a group of figures."""
        return self.texts.get(f"criterion.{key}", CRITERIA[key])

    def badge(self, badge: Badge) -> str:
        """Return a badge in a word."""
        return self.texts.get(f"badge.{badge.value}", badge.value)

    def verdict(self, verdict: Verdict, known: str | None = None) -> str:
        """Return a verdict in a word or two, and the part of its range that the figure is known in."""
        words = self.texts.get(f"verdict.{verdict.value}", figure_text.verdict_words(verdict))
        if verdict is not Verdict.OPEN or known is None:
            return words
        return self.text("table.known", verdict=words, known=self.said(known))

    def left_out(self, specs: Sequence[FigureSpec]) -> str:
        """Return one sentence about the figures that a headset has no takes for and another has."""
        return self.text("standing.left_out", figures=self.listed([self.name(spec) for spec in specs]))

    def one_wearing(self, comparison: Comparison) -> str | None:
        """Return one sentence about headsets that were measured in one wearing, or None."""
        models = [report.model for report in comparison.reports if report.n_wearings < 2]
        return self.text("standing.one_wearing", models=self.listed(models)) if models else None

    def role(self, role: str) -> str:
        """Return what takes of a role are called."""
        return self.texts.get(f"role.{role}", role)

    def limit(self, limit: Limit, unit: str) -> str:
        """Return a limit in words."""
        template = self.texts.get(f"sense.{limit.sense}")
        if template is None:
            return figure_text.limit_text(limit, unit)
        value = f"{limit.value:g}".replace("-", "\N{MINUS SIGN}")
        return template.format(value=f"{value} {self.unit(unit)}")

    def found(self, figure: Figure) -> str | None:
        """Return presence, detail and the known part of its range in words, instead of a number or beside it."""
        parts = [self._presence(figure), self.said(figure.known or "")]
        return self.said(listed(filter(None, parts), "; ")) or None

    def _presence(self, figure: Figure) -> str | None:
        if figure.presence is None:
            return None if figure.detail is None else self.said(figure.detail)
        template = self.texts.get(f"presence.{figure.presence.value}")
        if template is None:
            return figure.presence.value if figure.presence is Presence.NOT_FOUND else f"found: {figure.detail}"
        return template.format(detail=self.said(figure.detail or "")) if figure.presence is Presence.FOUND else template

    def value(self, figure: Figure) -> str:
        """Return a value with its bound and its interval, or what was found instead."""
        if figure.value is None:
            return self.found(figure) or "\N{EN DASH}"
        return figure_text.value_text(figure)

    def figure(self, figure: Figure) -> str:
        """Return a value with its unit, or what was found instead."""
        if figure.value is None:
            return self.found(figure) or self.text("table.withheld")
        return f"{self.value(figure)}\N{NO-BREAK SPACE}{self.unit(figure.spec.unit)}"

    def cause_sentence(self, cause: Cause) -> str:
        """Return what a headset does worse, its figure, and that of the best."""
        spec, own, best = cause.spec, cause.figure, cause.best
        if "cause.alone" not in self.texts:
            return figure_text.cause_text(cause)
        detail = self.said(own.detail or "")
        if own.value is None:
            return self.text("cause.alone", cause=self.cause(spec), own=detail)
        values = {"cause": self.cause(spec), "own": self.figure(own)}
        if best is not None:
            key = "cause.against" if best.value is not None else "cause.against_found"
            text = self.text(key, model=cause.best_model, best=self.value(best), **values)
        elif spec.limits:
            text = self.text("cause.limit", limit=self.limit(spec.limits[0], spec.unit), **values)
        else:
            text = self.text("cause.alone", **values)
        return self.text("cause.detail", text=text, detail=detail) if detail and spec.cause_with_text else text
