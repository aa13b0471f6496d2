"""As Alembic or Django do it: psycopg2, one transaction."""
import os
import psycopg2

connection = psycopg2.connect(os.environ["DATABASE_URL"])
with connection, connection.cursor() as cursor:
    cursor.execute("CREATE TABLE owners_psycopg2 (id int PRIMARY KEY, name text)")
    cursor.execute("INSERT INTO owners_psycopg2 VALUES (1, 'Ada')")
    cursor.execute("ALTER TABLE t0 ADD COLUMN owner_psycopg2 int REFERENCES owners_psycopg2")
    cursor.execute("UPDATE t0 SET owner_psycopg2 = 1 WHERE id <= 10")
connection.close()
