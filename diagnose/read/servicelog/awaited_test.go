package servicelog

import (
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/phrase"
)

// TestAwaits: what programs say of a dependency that they wait for, in words of their own, and what sounds alike.
func TestAwaits(t *testing.T) {
	for text, want := range map[string]string{
		"waiting for db:5432":                                     "db:5432",
		"2026-11-27 10:20:01 INFO waiting for redis ...":          "redis",
		"Waiting for the database to be ready":                    "database",
		"Still waiting for host postgres:5432...":                 "postgres:5432",
		"Postgres is unavailable - sleeping":                      "Postgres",
		"retrying connection to amqp://rabbitmq:5672 in 5 s":      "amqp://rabbitmq:5672",
		"Retrying connection to kafka (attempt 7)":                "kafka",
		"[entrypoint] shop-db is not ready yet, next try in 2 s":  "shop-db",
		"Trying to connect to mysql:3306, attempt 4 of 60":        "mysql:3306",
		"could not connect to redis://cache:6379/0, trying again": "redis://cache:6379/0",
		"billing: waiting for inventory to become healthy":        "inventory",
		"connecting to 10.0.0.5:5672 (try 3)":                     "10.0.0.5:5672",
		"Waiting for application startup.":                        "",
		"waiting for messages":                                    "",
		"waiting for jobs":                                        "",
		"waiting for connections on 0.0.0.0:8080 to be accepted":  "",
		"waiting for workers to be ready":                         "",
		"listening on 0.0.0.0:8080":                               "",
		"connected to db:5432":                                    "",
		"attempting to acquire leader lease":                      "",
		"waiting for lock":                                        "",
		"waited 3 s":                                              "",
		"cache is warm":                                           "",
		"connection to redis:6379 established":                    "",
		"shutting down, waiting for 3 requests":                   "",
	} {
		if got := phrase.Awaited(text); got != want {
			t.Errorf("%q: waits for %q, want %q", text, got, want)
		}
	}
}

// TestAwaited: repeated, and the last thing told, it is a finding; told for a moment it is a hint; what went on since
// takes it back.
func TestAwaited(t *testing.T) {
	waits := jobs(8, 2, "waiting for db:5432 (%d)")
	_, later, _ := strings.Cut(waits, "\n")
	for name, tt := range map[string]struct {
		log  string
		want fact.Strength // "" = no finding
	}{
		"again and again":             {waits, fact.Strong},
		"with other words of waiting": {inOrder(waits, jobs(8, 2.1, "sleeping 2 s, attempt %d")), fact.Strong},
		"with health checks":          {inOrder(waits, cri(pulses(0, 14, 3)...)), fact.Strong},
		"after a banner":              {inOrder(cri("0 shop 3.2, python 3.11", "0.1 settings read"), later), fact.Strong},
		"for a moment":                {jobs(2, 1, "waiting for db:5432 (%d)"), fact.Weak},
		"it went on":                  {waits + cri("16 connected", "16.1 order 1 stored"), ""},
		"beside its work":             {inOrder(waits, jobs(20, 0.8, "order %d stored")), ""},
		"said more closely": {inOrder(waits, jobs(8, 2.1, "ERROR connection to db:5432 failed: Connection refused %d")),
			""},
		"its own work": {jobs(8, 2, "waiting for messages (%d)"), ""},
	} {
		report, err := Scan(strings.NewReader(tt.log), Options{OneService: true})
		if err != nil {
			t.Fatal(err)
		}
		got := fact.Strength("")
		for _, f := range report.Runs[0].Findings {
			if f.ID == Awaited {
				got = f.Strength
				if f.Object != "db:5432" {
					t.Errorf("%s: it waits for %q", name, f.Object)
				}
			}
		}
		if got != tt.want {
			t.Errorf("%s: a finding of strength %q, want %q", name, got, tt.want)
		}
	}
}
