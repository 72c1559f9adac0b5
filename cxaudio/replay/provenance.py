"""Settings and versions of a run, as its report holds them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxaudio.model.provenance import Provenance
    from cxaudio.settings import Settings

__all__ = ["provenance_of"]


def provenance_of(settings: "Settings") -> "Provenance":
    """Return the settings and versions that a report is made with."""
    from cxaudio.model.provenance import Provenance
    from cxaudio.versions import versions

    return Provenance(
        digest=f"sha256:{settings.digest}",
        policy=settings.pacing.language,
        values=settings.as_dict(),
        versions=versions(),
    )
