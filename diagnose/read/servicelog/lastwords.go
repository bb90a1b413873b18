package servicelog

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/lazyregexp"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/prefix"
	"github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/traceback"
)

// Gravity tells how a program spoke last.
type Gravity uint8

// The gravities.
const (
	Plain Gravity = iota // nothing in the words tells of trouble
	Grave                // an error was told
	Fatal                // CRITICAL, FATAL, a panic, an uncaught exception: words of something that ends
)

// LastWords is the line at a run's end that tells most of how it ended: the head of a panic, the exception under a
// traceback, the last line of level CRITICAL; not the last line of a stack, nor what a supervisor adds after it. Where
// nothing tells, it is the last line that is no part of a stack.
type LastWords struct {
	Line
	Gravity Gravity
}

// lastLines is how far before the end fatal words may stand: servers say goodbye after them.
const lastLines = 8

// block is a traceback or a stack that was read: what tells in it, and where it ended.
type block struct {
	told LastWords
	end  int // number of its last line
}

// told notes a block that has been closed.
func (s *runScan) told(line int, text string, g Gravity) {
	if text == "" {
		return
	}
	s.lastBlock = block{LastWords{Line: Line{Number: line, Text: text}, Gravity: g}, max(line, s.blockEnd)}
}

// lastWords finds them among the last lines and the last block.
func (s *runScan) lastWords() *LastWords {
	lines := s.run.Tail
	var last *LastWords
	for seen, i := 0, len(lines)-1; i >= 0 && seen < lastLines; i-- {
		l := lines[i]
		if b := &s.lastBlock; b.end >= l.Number && b.told.Number <= l.Number {
			if b.told.Gravity > Plain && (last == nil || last.Gravity < b.told.Gravity) {
				found := b.told
				found.At, found.Stream = l.At, l.Stream
				last = &found
			}
			break
		}
		if strings.TrimSpace(l.Text) == "" || l.Quoted || inStack(l.Text) {
			continue
		}
		seen++
		g := max(l.Level, gravityOf(l.Text))
		if last == nil || g > last.Gravity {
			last = &LastWords{l, g}
		}
	}
	return last
}

// inStack tells the lines of a stack, which tell nothing by themselves.
func inStack(text string) bool {
	line := strings.TrimSpace(text)
	if _, ok := foreignFrame(line); ok {
		return true
	}
	if _, ok := traceback.ParseFrame([]byte(line)); ok {
		return true
	}
	return text[0] == ' ' || text[0] == '\t' || traceback.HasAnyPrefix([]byte(text), stackLines) ||
		strings.Trim(line, "^~ ") == ""
}

var fatalWords = lazyregexp.New(`\b(?:CRITICAL|FATAL|PANIC|EMERG|EMERGENCY|ALERT)\b|` +
	`\[(?:emerg|alert|crit|critical|fatal|panic)\]|` +
	`"s": ?"F"|` +
	`^(?:panic: |fatal error: |Fatal |fatal: |thread '[^']*' (?:\(\d+\) )?panicked at |Exception in thread |` +
	`Unhandled [Ee]xception|Uncaught |Traceback \(most recent|\*\*\* |terminate called|# A fatal error|` +
	`Segmentation fault|Aborted|Bus error|Illegal instruction|F\d{4} \d\d:)|` +
	`\bFatal Python error: |\b(?:unrecoverable|fatal) (?:error|exception)\b`)

var graveWords = lazyregexp.New(`\b(?:ERROR|SEVERE|ERR)\b|\[error\]|` +
	`^(?:[Ee]rror: |ERR |E\d{4} \d\d:|Killed$|[\w./-]+: (?:error|fatal): |curl: \(\d+\) |` +
	`(?:[\w./-]+: )?(?:cannot|could not|can't|couldn't|unable to|failed to) \w)| at \S+ line \d+\.$|` +
	// perror's form, of tools and of shells: "cp: cannot stat 'app.yml': No such file or directory"
	`^[\w./-]+: .*: (?:No such file or directory|Permission denied|Is a directory|Not a directory|File exists|` +
	`Operation not permitted|No space left on device|Read-only file system|Input/output error|Device or resource busy|` +
	`Connection refused|Network is unreachable|Exec format error)$`)

// counts are those of levels in a summary: "FATAL=0", "0 FATAL, 2 ERROR", "no ERROR lines". Who counts them tells of
// none. The seconds of a time of day, and the number of a process, stand before a level too, and what it says behind.
var counts = lazyregexp.New(`\b(?:CRITICAL|FATAL|SEVERE|ERROR|ERR)S?"?(?:=| ?: ?)"?\d+\b|` +
	`\b(?:\d+|no) (?:CRITICAL|FATAL|SEVERE|ERROR)S?(?:$|[,;.)]|` +
	` (?:and|lines?|messages?|entries|records|events?|errors?|in)\b)`)

// CallsFatal tells whether a line itself calls what it tells the end of something, as against an exception's mere name.
func CallsFatal(text string) bool {
	return gravityOfLevel(fieldLevel(text)) == Fatal || fatalWords().MatchString(text)
}

// CallsFatal tells whether the line itself or its logger's level calls what it tells the end of something.
func (w LastWords) CallsFatal() bool { return w.Level == Fatal || CallsFatal(w.Text) }

// gravityOfLevel is what a logger's level says.
func gravityOfLevel(l severity.Level) Gravity {
	switch {
	case l == severity.Unknown || l > severity.Error:
		return Plain
	case l == severity.Error:
		return Grave
	}
	return Fatal
}

// levelField is the severity that a structured logger writes as a field of its own: {"lvl":"fatal"}, "levelno": 50 of
// Python, "level":60 of pino, severity_text of OpenTelemetry, @l of Serilog, logfmt's level=error.
var levelField = lazyregexp.New(`"(?i:(?:log|record|event)?[._-]?(?:level|lvl|severity)(?:[._-]?(?:name|no|text|label))?|` +
	`sev|lev|@l)": ?(?:"(\w+)"|([1-9]\d)\b)|\b(?i:log[._]?level|level|lvl|severity)="?(\w+)`)

// fieldLevel reads that field; Unknown where there is none.
func fieldLevel(text string) severity.Level {
	m := levelField().FindStringSubmatch(text)
	if m == nil {
		return severity.Unknown
	}
	if n, err := strconv.Atoi(m[2]); err == nil {
		if n%10 > 0 || n > 60 {
			return severity.Unknown // a level of something else: a tank's, a battery's
		}
		return severity.OfNumber(n)
	}
	return severity.Of([]byte(m[1] + m[3]))
}

// gravityOf reads a single line.
func gravityOf(text string) Gravity {
	p := prefix.Parse([]byte(text))
	if p.Level == prefix.Low {
		return Plain // the program itself calls it information
	}
	text = counts().ReplaceAllString(text, "")
	if CallsFatal(text) {
		return Fatal
	}
	typ, _, ok := traceback.SplitException(p.Msg)
	if ok && (bytes.HasSuffix(typ, []byte("Error")) || bytes.HasSuffix(typ, []byte("Exception"))) &&
		bytes.IndexByte(typ, '.') > 0 && p.Bare {
		return Fatal
	}
	if ok && bytes.HasSuffix(typ, []byte("Error")) || fieldLevel(text) == severity.Error ||
		graveWords().MatchString(text) {
		return Grave
	}
	return Plain
}

// struggleWords are those of a program that has not got over something, or that is leaving.
var struggleWords = lazyregexp.New(`(?i)\b(?:retr(?:y|ies|ying|ied)|attempt(?:s|ing)?|try(?:ing)?|connecting|sleep(?:s|ing)?|wait(?:ing)?|again|errors?|fail(?:s|ed|ing|ure)?|` +
	`time(?:d )?out|refused|unavailable|unreachable|unhealthy|cannot|could not|can't|couldn't|unable|back-?off|` +
	`giving up|reconnect\w*|exhausted|dropp(?:ed|ing)|reject(?:ed|ing)|abort\w*|(?:HTTP|status)\S* 5\d\d|" 5\d\d|` +
	`shut(?:ting)?[ -]?down|stop(?:ped|ping)?|exit(?:ed|ing)?|terminat\w*|clos(?:ed|ing)|leaving|goodbye|bye)\b`)

// Struggles tells whether a line is no sign of good work: it tells of an error, of waiting and trying again, or of
// leaving; or it is a line of a stack, or empty.
func Struggles(text string) bool {
	return strings.TrimSpace(text) == "" || inStack(text) || gravityOf(text) > Plain || struggleWords().MatchString(text)
}

var mildWords = lazyregexp.New(`\b(?:WARN|WARNING|NOTICE)\b|\[(?:warn|warning)\]`)

// Warns tells whether a line calls what it tells a warning, whatever exception it names: something that the program
// goes on with.
func Warns(text string) bool {
	level := fieldLevel(text)
	return (level == severity.Warning || mildWords().MatchString(text)) && level != severity.Error &&
		!CallsFatal(text) && !graveWords().MatchString(text)
}

// SameBut tells whether two lines differ in words with a digit in them only.
func SameBut(a, b string) bool { return templateHash([]byte(a)) == templateHash([]byte(b)) }
