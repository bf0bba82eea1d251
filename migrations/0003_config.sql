-- Changes of the settings made at run time: each row is an encoded
-- `cantina.config.v1.ConfigRevision`.
CREATE TABLE config_revision (
    revision INTEGER PRIMARY KEY,
    body     BLOB NOT NULL
);
