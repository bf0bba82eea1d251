-- What the music library knows of each file: enough to tell whether it changed, and the encoded
-- `cantina.music.v1.Track`. Paths are bytes, as the file system has them.
CREATE TABLE library_file (
    path        BLOB    PRIMARY KEY,
    size        INTEGER NOT NULL,
    modified_ns INTEGER NOT NULL,
    track       BLOB    NOT NULL
) WITHOUT ROWID;

-- The queue, the player and its position; one row each, so that every change is one small write.
CREATE TABLE music_queue (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    items BLOB    NOT NULL
);

CREATE TABLE music_player (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    playing     INTEGER NOT NULL,
    item_id     TEXT    NOT NULL,
    playback_id TEXT    NOT NULL,
    position_ns INTEGER NOT NULL,
    volume      REAL    NOT NULL
);
