PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE clip (
        clip TEXT PRIMARY KEY, suffix TEXT NOT NULL, size INTEGER NOT NULL, duration_s REAL NOT NULL,
        source TEXT NOT NULL, "group" TEXT NOT NULL, attributes TEXT NOT NULL
    ) STRICT;
INSERT INTO clip VALUES('5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9','.wav',100,5.0,'desk','infant:0','{}');
INSERT INTO clip VALUES('6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b','.wav',101,5.0,'desk','infant:1','{"age": "0-4 weeks"}');
CREATE TABLE label (
        id INTEGER PRIMARY KEY AUTOINCREMENT, clip TEXT NOT NULL REFERENCES clip (clip), labeller TEXT NOT NULL,
        label TEXT, guideline INTEGER NOT NULL, digest TEXT NOT NULL, at TEXT NOT NULL, seconds REAL,
        round INTEGER NOT NULL, note TEXT NOT NULL, UNIQUE (clip, labeller, guideline, round)
    ) STRICT;
INSERT INTO label VALUES(1,'5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9','anna','crying',2,'40b919082486c9e2485aa22da0e34b35f6061e909df2432b1769b10a1768903d','2026-11-23T09:00:00+00:00',7.5,1,'');
INSERT INTO label VALUES(2,'6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b','bo',NULL,2,'40b919082486c9e2485aa22da0e34b35f6061e909df2432b1769b10a1768903d','2026-11-23T09:00:00+00:00',NULL,1,'');
INSERT INTO label VALUES(3,'5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9','anna','none',2,'40b919082486c9e2485aa22da0e34b35f6061e909df2432b1769b10a1768903d','2026-11-23T09:00:00+00:00',NULL,2,'a cat; not a baby''s cry');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('label',3);
CREATE TRIGGER clip_update BEFORE update ON clip BEGIN SELECT RAISE(ABORT, 'rows are only added'); END;
CREATE TRIGGER clip_delete BEFORE delete ON clip BEGIN SELECT RAISE(ABORT, 'rows are only added'); END;
CREATE TRIGGER label_update BEFORE update ON label BEGIN SELECT RAISE(ABORT, 'rows are only added'); END;
CREATE TRIGGER label_delete BEFORE delete ON label BEGIN SELECT RAISE(ABORT, 'rows are only added'); END;
PRAGMA user_version = 1;
COMMIT;
