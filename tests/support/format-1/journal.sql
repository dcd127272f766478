PRAGMA journal_mode = WAL;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE event (
        device TEXT NOT NULL, id TEXT NOT NULL, episode_id TEXT NOT NULL, at_s REAL NOT NULL,
        fields TEXT NOT NULL, -- edge.companion.mqtt.messages.Told
        PRIMARY KEY (device, id)
    ) STRICT
    ;
INSERT INTO event VALUES('nursery','a:1','a',1769889600.0,'{"device": "nursery", "id": "a:1", "episode_id": "a", "kind": "cry_started", "onset": "2026-01-31T19:59:54+00:00", "at": "2026-01-31T20:00:00+00:00", "confidence": 0.9, "why": "why cry_started", "rings": true, "muted": null, "late": false, "test": false}');
INSERT INTO event VALUES('nursery','a:2','a',1769889900.0,'{"device": "nursery", "id": "a:2", "episode_id": "a", "kind": "cry_ended", "onset": "2026-01-31T20:04:54+00:00", "at": "2026-01-31T20:05:00+00:00", "confidence": 0.9, "why": "why cry_ended", "rings": false, "muted": null, "late": false, "test": false}');
INSERT INTO event VALUES('attic','b:3','b',1769890500.0,'{"device": "attic", "id": "b:3", "episode_id": "b", "kind": "cry_started", "onset": "2026-01-31T20:14:54+00:00", "at": "2026-01-31T20:15:00+00:00", "confidence": 0.9, "why": "why cry_started", "rings": false, "muted": "alerts off", "late": false, "test": false}');
CREATE TABLE answer (
        device TEXT NOT NULL, episode_id TEXT NOT NULL, answer TEXT NOT NULL, at_s REAL NOT NULL,
        PRIMARY KEY (device, episode_id, answer)
    ) STRICT
    ;
INSERT INTO answer VALUES('nursery','a','acknowledged',1769889620.0);
CREATE TABLE gap (
        device TEXT NOT NULL, began_s REAL NOT NULL, ended_s REAL, why TEXT NOT NULL,
        PRIMARY KEY (device, began_s)
    ) STRICT
    ;
INSERT INTO gap VALUES('',0.0,1796076152.5110139846,'hushd phone was not there yet');
INSERT INTO gap VALUES('nursery',1769890600.0,1769890660.0,'it is deaf');
INSERT INTO gap VALUES('',1769891600.0,NULL,'the broker is away');
CREATE TABLE companion (
        one INTEGER PRIMARY KEY CHECK (one = 1), identity TEXT NOT NULL, watched_s REAL NOT NULL
    ) STRICT
    ;
INSERT INTO companion VALUES(1,'79929dcd',1796076152.5110139846);
CREATE INDEX event_by_time ON event (device, at_s);
PRAGMA user_version = 1;
COMMIT;
