"""Delete what people said of calls that are purged."""

from collections.abc import Collection

from cxaudio.archive.reviews.reviews import Reviews

__all__ = ["count_verdicts", "forget_calls"]

_OF_SOUND = ("verdicts", "sampled_calls", "agreed_verdicts")
_SOUNDS = " UNION ".join(f"SELECT sound_id FROM {table} WHERE call_id = ?" for table in _OF_SOUND)


def count_verdicts(reviews: Reviews, call_ids: Collection[str]) -> int:
    """Return how many verdicts `forget_calls` would delete."""
    sounds = {row[0] for call_id in call_ids for row in reviews.rows(_SOUNDS, (call_id,) * len(_OF_SOUND))}
    return sum(reviews.rows("SELECT count(*) FROM verdicts WHERE sound_id = ?", (sound,))[0][0] for sound in sounds)


def forget_calls(reviews: Reviews, call_ids: Collection[str]) -> int:
    """Delete verdicts, places in samples, agreed verdicts and lines of the audit log about calls.

    Also what was said of the same sound when it was judged with other settings.

    Parameters
    ----------
    reviews : Reviews
        Opened for writing, or of a store that has none.
    call_ids : collection of str
        Rows that are no longer in the store.

    Returns
    -------
    int
        How many verdicts were deleted.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    if reviews.database is None or not call_ids:
        return 0
    with reviews.writing().writing() as rows:
        rows.execute("CREATE TEMP TABLE gone (call_id TEXT PRIMARY KEY) WITHOUT ROWID")
        rows.executemany("INSERT INTO gone VALUES (?)", ((call_id,) for call_id in sorted(call_ids)))
        rows.execute(
            "CREATE TEMP TABLE gone_sounds AS "
            + " UNION ".join(f"SELECT sound_id FROM {table} WHERE call_id IN gone" for table in _OF_SOUND)
        )
        (verdicts,) = rows.execute("SELECT count(*) FROM verdicts WHERE sound_id IN gone_sounds").fetchone()
        for table in _OF_SOUND:
            rows.execute(f"DELETE FROM {table} WHERE sound_id IN gone_sounds")
        rows.execute("DELETE FROM audit WHERE target IN gone")
        rows.execute("DROP TABLE gone_sounds")
        rows.execute("DROP TABLE gone")
    return int(verdicts)
