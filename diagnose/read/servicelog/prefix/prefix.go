// Package prefix takes off what loggers put before a message, and keeps what it tells of the message: its level, the
// process, and whether there was anything at all.
//
//	[2026-11-23 09:06:15 +0000] [24400] [CRITICAL] WORKER TIMEOUT (pid:24407)
//	=> Line{Level: High, PID: 24400, Msg: "WORKER TIMEOUT (pid:24407)"}
//
// Contract: the message is a part of the line that was given, not a copy. What is no known prefix stays in it: a line
// of an unknown form is its own message, and Bare.
package prefix

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
)

// Level is the severity a prefix names.
type Level uint8

// The levels.
const (
	None Level = iota
	Low        // DEBUG, INFO, NOTICE, LOG: nothing that is only quoted there counts
	High       // WARNING and above
)

// LevelOf takes the level that an application's own record has (docs/notes/PYTHON.md#4.5). What stands in a record at
// all was written by a logger, so it is never as good as a bare line.
func LevelOf(l severity.Level) Level {
	switch {
	case l == severity.Unknown:
		return None
	case l <= severity.Warning:
		return High
	}
	return Low
}

// Line is a line with its known prefixes taken off.
type Line struct {
	Level  Level
	PID    int  // of a "[pid]" prefix, zero if there is none
	Bare   bool // no prefix and no indentation
	Msg    []byte
	padded bool // the level stood in brackets, padded, as structlog prints it
}

const (
	maxPrefix = 200 // bytes; longer is no prefix
	maxTokens = 14
)

var uvicornInfo = []byte("INFO:     ")

// Parse takes the prefixes off that the known emitters put before a message:
//
//	ERROR:    Application startup failed. Exiting.                       uvicorn
//	[2026-11-23 09:06:15 +0000] [24400] [CRITICAL] WORKER TIMEOUT (…)    gunicorn, hypercorn
//	2026-11-23 09:06:15,120 - uvicorn.error - ERROR - Application …      logging
//	WARNING:urllib3.connectionpool:Connection pool is full, …            logging.basicConfig
//	2026-11-23 09:40:03.300 | ERROR    | __main__:<module>:3 - bad       loguru
//	     ERROR   Application startup failed. Exiting.                    fastapi-cli
//	2026-11-23T09:06:15.123456Z [error    ] Application startup failed. Exiting. [uvicorn.error]   structlog
//	18910:M 23 Nov 2026 09:24:49.155 # Background saving error           redis
//	2026-11-23 09:25:01.123456+00:00 [error] <0.12.0> memory resource …  RabbitMQ
func Parse(line []byte) Line {
	if bytes.HasPrefix(line, uvicornInfo) {
		return Line{Level: Low, Msg: bytes.TrimRight(line[len(uvicornInfo):], " ")}
	}
	p := Line{Msg: line}
	pos, tokens := 0, 0
	for tokens < maxTokens && pos < min(len(line), maxPrefix) {
		n := p.token(line[pos:], tokens)
		if n == 0 {
			break
		}
		pos += n
		tokens++
		for pos < len(line) && line[pos] == ' ' {
			pos++
		}
	}
	p.Bare = tokens == 0
	p.Msg = bytes.TrimRight(line[pos:], " ")
	if p.padded {
		p.Msg = eventOf(p.Msg)
	}
	return p
}

// eventOf returns what stands before the logger and the values that structlog's console renderer prints behind it:
//
//	Application startup failed. Exiting. [uvicorn.error] pid=7
func eventOf(msg []byte) []byte {
	i := bytes.LastIndex(msg, []byte(" ["))
	if i < 1 {
		return msg
	}
	name, rest, ok := bytes.Cut(msg[i+2:], []byte("]"))
	if !ok || len(name) == 0 || len(rest) > 0 && (rest[0] != ' ' || bytes.IndexByte(rest, '=') < 0) {
		return msg
	}
	for _, c := range name {
		if !lex.IsWord(c) && c != '.' {
			return msg
		}
	}
	return bytes.TrimRight(msg[:i], " ")
}

// token returns the length of the prefix token at the start of b, zero if there is none.
func (p *Line) token(b []byte, before int) int {
	switch c := b[0]; {
	case c == ' ' && before == 0:
		return p.indentedLevel(b)
	case c == '[':
		return p.bracket(b)
	case c >= '0' && c <= '9':
		return p.number(b, before)
	case c >= 'A' && c <= 'Z':
		if n := p.levelWord(b); n > 0 {
			return n
		}
		if before == 0 {
			return 0
		}
		return zoneOrMonth(b)
	case before == 0:
		return 0
	case c == '-' || c == '|' || c == ':' || c == '*' || c == '#' || c == '.':
		n := separator(b)
		if c == '#' && n > 0 {
			p.Level = High // redis' mark of a warning
		}
		return n
	case c == '<':
		return erlangPid(b)
	case c == '_' || c >= 'a' && c <= 'z':
		return loggerName(b)
	}
	return 0
}

// indentedLevel accepts the right-aligned level of fastapi-cli and nothing else: tracebacks are indented too.
func (p *Line) indentedLevel(b []byte) int {
	i := 0
	for i < len(b) && i < 12 && b[i] == ' ' {
		i++
	}
	if i == len(b) {
		return 0
	}
	if n := p.levelWord(b[i:]); n > 0 && i+n < len(b) && b[i+n] == ' ' {
		return i + n
	}
	return 0
}

var levelWords = []struct {
	word  string
	level Level
}{
	{"INFO", Low}, {"DEBUG", Low}, {"NOTICE", Low}, {"TRACE", Low}, {"SUCCESS", Low},
	{"LOG", Low}, {"DETAIL", Low}, {"HINT", Low}, {"STATEMENT", Low},
	{"ERROR", High}, {"WARNING", High}, {"WARN", High}, {"CRITICAL", High}, {"FATAL", High},
	{"PANIC", High},
}

// levelWord accepts a level in capitals with the colon that may follow it.
func (p *Line) levelWord(b []byte) int {
	for _, w := range levelWords {
		n := len(w.word)
		if len(b) < n || b[0] != w.word[0] || string(b[:n]) != w.word {
			continue
		}
		if len(b) > n && lex.IsWord(b[n]) {
			continue
		}
		p.Level = max(p.Level, w.level)
		if len(b) > n && b[n] == ':' {
			n++
		}
		return n
	}
	return 0
}

// IsLevel tells whether a text begins with a level, in capitals.
func IsLevel(text []byte) bool { return (&Line{}).levelWord(text) > 0 }

// bracket accepts "[2026-11-23 09:30:53,123: ERROR/MainProcess]" (celery), "[2026-11-23 09:06:15 +0000]", "[24400]",
// "[ERROR]", "[error]", "[uvicorn.error]", but not the "[Errno 98] …" that messages begin with.
func (p *Line) bracket(b []byte) int {
	end := bytes.IndexByte(b[:min(len(b), 80)], ']')
	if end < 2 {
		return 0
	}
	in := b[1:end]
	if dated(in) {
		if i := bytes.Index(in, []byte(": ")); i > 0 {
			p.levelWord(in[i+2:])
		}
		return end + 1
	}
	if n, ok := lex.Number(in); ok {
		p.PID = n
		return end + 1
	}
	if in = bytes.TrimRight(in, " "); len(in) < end-1 {
		p.padded = true
	}
	for _, c := range in {
		if !lex.IsWord(c) && c != '.' && c != '-' && c != ':' && c != '/' {
			return 0
		}
	}
	for _, w := range levelWords {
		if len(in) == len(w.word) && bytes.EqualFold(in, []byte(w.word)) {
			p.Level = max(p.Level, w.level)
		}
	}
	return end + 1
}

// number accepts a date, a time, redis' "18910:M", and a bare number once something came before it.
func (p *Line) number(b []byte, before int) int {
	end := bytes.IndexByte(b, ' ')
	if end < 0 || end > 40 {
		return 0
	}
	word := b[:end]
	if dated(word) || clocked(word) {
		return end
	}
	if i := bytes.IndexByte(word, ':'); i > 0 && i == end-2 && bytes.IndexByte([]byte("CMSX"), word[end-1]) >= 0 {
		n, ok := lex.Number(word[:i])
		if !ok {
			return 0
		}
		p.PID = n
		return end
	}
	if _, ok := lex.Number(word); ok && before > 0 {
		return end
	}
	return 0
}

// zoneOrMonth accepts the "UTC" of PostgreSQL and the "Nov" of redis.
func zoneOrMonth(b []byte) int {
	if len(b) > 3 && b[3] == ' ' && (string(b[:3]) == "UTC" ||
		bytes.Contains([]byte("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"), b[:3])) {
		return 3
	}
	return 0
}

func separator(b []byte) int {
	if b[0] == ':' || len(b) > 1 && b[1] == ' ' {
		return 1
	}
	return 0
}

// erlangPid accepts "<0.1234.0>".
func erlangPid(b []byte) int {
	for i := 1; i < min(len(b), 24); i++ {
		switch {
		case b[i] == '>' && i > 1:
			return i + 1
		case b[i] != '.' && !lex.IsDigit(b[i]):
			return 0
		}
	}
	return 0
}

var plainLoggers = map[string]bool{"uvicorn": true, "gunicorn": true, "hypercorn": true, "asyncio": true, "root": true,
	"celery": true, "pika": true, "fastapi": true, "starlette": true, "sqlalchemy": true, "__main__": true}

// loggerName accepts a logger's name after another token. A dotted name whose last part has a capital is a type, and
// types begin messages: "redis.exceptions.ConnectionError: Too many connections"; only the blank tells that from
// "sqlalchemy.pool.impl.AsyncAdaptedQueuePool:The garbage collector …".
func loggerName(b []byte) int {
	end, last, dotted := 0, 0, false
	for end < len(b) && (lex.IsWord(b[end]) || bytes.IndexByte([]byte(".<>"), b[end]) >= 0 ||
		b[end] == ':' && end+1 < len(b) && b[end+1] != ' ' && end > 0 && dottedRest(b[end+1:])) {
		if b[end] == '.' {
			last, dotted = end+1, true
		}
		end++
	}
	if end == 0 || end == len(b) {
		return 0
	}
	rest := b[end:]
	typeLike := last < end && b[last] >= 'A' && b[last] <= 'Z'
	known := !typeLike && (dotted || plainLoggers[string(b[:end])])
	switch {
	case rest[0] == ':' && (len(rest) > 1 && rest[1] != ' ' || known):
		return end + 1
	case bytes.HasPrefix(rest, []byte(" - ")), bytes.HasPrefix(rest, []byte(" | ")):
		return end
	case rest[0] == ' ' && known:
		return end
	}
	return 0
}

// dottedRest tells loguru's "module:function:3 - " from "logger:message".
func dottedRest(b []byte) bool {
	i := bytes.IndexByte(b[:min(len(b), 64)], ' ')
	return i > 0 && bytes.HasPrefix(b[i:], []byte(" - ")) && bytes.IndexByte(b[:i], '"') < 0
}

// dated tells whether b begins with 2026-11-23 or 2026/11/23.
func dated(b []byte) bool {
	return len(b) >= 10 && lex.IsDigit(b[0]) && lex.IsDigit(b[3]) && (b[4] == '-' || b[4] == '/') &&
		b[7] == b[4] && lex.IsDigit(b[9])
}

// clocked tells whether b begins with 09:06:15.
func clocked(b []byte) bool {
	return len(b) >= 8 && lex.IsDigit(b[0]) && b[2] == ':' && lex.IsDigit(b[3]) && b[5] == ':' && lex.IsDigit(b[7])
}
