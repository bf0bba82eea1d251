-- The event log. A segment is one group commit of one retention class: the encoded events as they
-- go over the wire. Both classes of a group share `first` and `last`.
CREATE TABLE segment (
    first        INTEGER NOT NULL,
    class        INTEGER NOT NULL,
    last         INTEGER NOT NULL,
    time_ms      INTEGER NOT NULL,
    min_root     INTEGER NOT NULL,
    body         BLOB    NOT NULL,
    PRIMARY KEY (first, class)
) WITHOUT ROWID;

CREATE INDEX segment_by_class ON segment (class, first);

-- Sequence numbers that were reserved but lost with the power.
CREATE TABLE lost_range (
    first INTEGER PRIMARY KEY,
    last  INTEGER NOT NULL
);

-- One row: the identity of the device and the state of the log.
CREATE TABLE log_state (
    id             INTEGER PRIMARY KEY CHECK (id = 1),
    device_id      TEXT    NOT NULL,
    epoch          TEXT    NOT NULL,
    reserved_until INTEGER NOT NULL,
    clean          INTEGER NOT NULL,
    record_bytes   INTEGER NOT NULL,
    trace_bytes    INTEGER NOT NULL,
    record_floor   INTEGER NOT NULL,
    trace_floor    INTEGER NOT NULL
);

-- Commands with a request id that took effect. A row without an answer was interrupted by the end
-- of the daemon.
CREATE TABLE request (
    id       TEXT    PRIMARY KEY,
    hash     BLOB    NOT NULL,
    time_ms  INTEGER NOT NULL,
    sequence INTEGER,
    answer   BLOB
) WITHOUT ROWID;

CREATE INDEX request_by_time ON request (time_ms);

-- The last state of a feature, as an encoded message of the contract.
CREATE TABLE state (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;
