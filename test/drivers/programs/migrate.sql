\set ON_ERROR_STOP on
CREATE TABLE owners_psql (id int PRIMARY KEY, name text);
INSERT INTO owners_psql VALUES (1, 'Ada');
ALTER TABLE t0 ADD COLUMN owner_psql int REFERENCES owners_psql;
UPDATE t0 SET owner_psql = 1 WHERE id <= 10;
