package servicelog

import (
	"bytes"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// FormOf names the server whose lines look like a line, by what stands before its message; "" = none that is known.
// Servers that are put in front of others, and share their log, are not among them.
//
//	18910:M 23 Nov 2026 09:24:49.155 # Background saving error                     redis
//	2026-11-23 11:00:02.123 UTC [41] FATAL:  password authentication failed …      postgresql
//	2026-11-23 09:25:01.123456+00:00 [error] <0.12.0> memory resource limit …      rabbitmq
//	ERROR:    Application startup failed. Exiting.                                 uvicorn, so Python
//	[2026-11-23 09:06:15 +0000] [24400] [CRITICAL] WORKER TIMEOUT (…)              gunicorn, so Python
func FormOf(line []byte) string {
	if len(line) < 24 {
		return ""
	}
	switch c := line[0]; {
	case lex.IsDigit(c) && redisLine(line):
		return "redis"
	case lex.IsDigit(c) && line[4] == '-' && line[7] == '-':
		return datedForm(line[:min(len(line), 80)])
	case c == '[' && line[5] == '-' && line[20] == ' ' && gunicornLine(line[:min(len(line), 80)]):
		return "python"
	case bytes.HasPrefix(line, []byte("INFO:     ")), bytes.HasPrefix(line, []byte("ERROR:    ")),
		bytes.HasPrefix(line, []byte("WARNING:  ")):
		return "python"
	}
	return ""
}

// redisLine knows the number, the role and the date.
func redisLine(line []byte) bool {
	_, rest, ok := bytes.Cut(line[:min(len(line), 40)], []byte(":"))
	if !ok || len(rest) < 14 || bytes.IndexByte([]byte("MSCX"), rest[0]) < 0 {
		return false
	}
	return rest[1] == ' ' && lex.IsDigit(rest[2]) && rest[4] == ' ' && rest[8] == ' ' && lex.IsDigit(rest[9])
}

// datedForm tells those apart that begin with a date.
func datedForm(head []byte) string {
	switch {
	case bytes.Contains(head, []byte("] <0.")):
		return "rabbitmq"
	case !bytes.Contains(head, []byte(" [")):
		return ""
	}
	for _, level := range [][]byte{[]byte("] LOG:  "), []byte("] FATAL:  "), []byte("] ERROR:  "), []byte("] PANIC:  "),
		[]byte("] STATEMENT:  "), []byte("] DETAIL:  "), []byte("] HINT:  "), []byte("] WARNING:  ")} {
		if bytes.Contains(head, level) {
			return "postgresql"
		}
	}
	return ""
}

// gunicornLine knows the process's number and the level, each in brackets.
func gunicornLine(head []byte) bool {
	_, rest, ok := bytes.Cut(head, []byte("] ["))
	pid, rest, two := bytes.Cut(rest, []byte("] ["))
	_, numeric := lex.Number(string(pid))
	return ok && two && numeric && bytes.IndexByte(rest, ']') > 3
}
