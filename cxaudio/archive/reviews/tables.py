"""The tables of ``reviews.sqlite``; a table that is added is made in older files, too."""

from cxaudio.archive.store.database import Schema

__all__ = ["REVIEWS"]

_TABLES = """
CREATE TABLE IF NOT EXISTS verdicts (  -- rows are added and never changed
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    client TEXT NOT NULL UNIQUE,
    at_ms INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    sound_id TEXT NOT NULL,
    call_id TEXT NOT NULL,
    type TEXT NOT NULL,
    rule TEXT NOT NULL,
    side TEXT,
    start_ms INTEGER,
    end_ms INTEGER,
    severity TEXT,
    decision TEXT NOT NULL,
    note TEXT NOT NULL,
    calibration INTEGER,
    sample INTEGER,
    undoes INTEGER UNIQUE
);
CREATE INDEX IF NOT EXISTS verdicts_of_call ON verdicts (sound_id);
CREATE INDEX IF NOT EXISTS verdicts_of_reviewer ON verdicts (reviewer, number);
CREATE TABLE IF NOT EXISTS saved_filters (
    name TEXT PRIMARY KEY,
    query TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS audit (  -- who opened, played, judged and exported what
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_of_target ON audit (target);
CREATE TABLE IF NOT EXISTS samples (  -- calls that were drawn to be reviewed; rows are added and never changed
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    client TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    query TEXT NOT NULL,
    settings TEXT,
    design TEXT NOT NULL,
    frame TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sampled_calls (
    sample INTEGER NOT NULL,
    position INTEGER NOT NULL,
    sound_id TEXT NOT NULL,
    call_id TEXT NOT NULL,
    stratum TEXT NOT NULL,
    chance REAL NOT NULL,
    drawn_group TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (sample, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calibrations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    client TEXT NOT NULL UNIQUE,
    sample INTEGER NOT NULL,
    name TEXT NOT NULL,
    reviewer TEXT NOT NULL,
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    closed_by TEXT
);
CREATE TABLE IF NOT EXISTS calibration_reviewers (
    calibration INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    PRIMARY KEY (calibration, reviewer)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agreed_verdicts (  -- what the reviewers of a calibration agreed on; the newest row counts
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    reviewer TEXT NOT NULL,
    calibration INTEGER NOT NULL,
    sound_id TEXT NOT NULL,
    call_id TEXT NOT NULL,
    type TEXT NOT NULL,
    rule TEXT NOT NULL,
    side TEXT,
    start_ms INTEGER,
    end_ms INTEGER,
    decision TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS agreed_in ON agreed_verdicts (calibration);
"""

REVIEWS = Schema("reviews", 1, _TABLES, "put back a copy of it; the verdicts are nowhere else")
"""What ``reviews.sqlite`` holds."""
