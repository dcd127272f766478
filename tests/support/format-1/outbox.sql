PRAGMA journal_mode = WAL;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE event (
        id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice, so a stale acknowledgement deletes nothing
        text TEXT NOT NULL,
        rings INTEGER NOT NULL,
        boot TEXT NOT NULL, uptime_s REAL NOT NULL, utc_s REAL NOT NULL -- edge.storage.timestamp.Moment
    ) STRICT
;
INSERT INTO event VALUES(2,'{"kind": "cry_started"}',1,'b0',100.0,1790000000.0);
INSERT INTO event VALUES(3,'{"kind": "cry_soothed", "why": "the baby''s ✓"}',0,'b0',100.0,1790000000.0);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('event',3);
PRAGMA user_version = 1;
COMMIT;
