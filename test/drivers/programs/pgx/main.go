// As golang-migrate, goose or Atlas do it: pgx, one transaction.
package main

import (
	"context"
	"log"
	"os"

	"github.com/jackc/pgx/v5"
)

var statements = []string{
	"CREATE TABLE owners_pgx (id int PRIMARY KEY, name text)",
	"INSERT INTO owners_pgx VALUES (1, 'Ada')",
	"ALTER TABLE t0 ADD COLUMN owner_pgx int REFERENCES owners_pgx",
	"UPDATE t0 SET owner_pgx = 1 WHERE id <= 10",
}

func migrate(ctx context.Context) error {
	connection, err := pgx.Connect(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	return pgx.BeginFunc(ctx, connection, func(transaction pgx.Tx) error {
		for _, statement := range statements {
			if _, err := transaction.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

func main() {
	if err := migrate(context.Background()); err != nil {
		log.Fatal(err)
	}
}
