package envelope

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
)

// EachMember gives the keys, without their quotes, and the values, as they are written, of the JSON object at the
// start of b, until take returns false, and returns where the object ends; zero where it does not, or is no object.
// Nothing is decoded and nothing but the object's own members is looked at.
func EachMember(b []byte, take func(key, value []byte) bool) (end int) {
	if len(b) < 2 || b[0] != '{' {
		return 0
	}
	i := skipSpace(b, 1)
	if i < len(b) && b[i] == '}' {
		return i + 1
	}
	for i < len(b) && b[i] == '"' {
		size := StringEnd(b[i:])
		if size < 0 {
			return 0
		}
		key := b[i+1 : i+size-1]
		if i = skipSpace(b, i+size); i >= len(b) || b[i] != ':' {
			return 0
		}
		i = skipSpace(b, i+1)
		end := valueEnd(b, i)
		if end <= i {
			return 0
		}
		if !take(key, b[i:end]) {
			return 0
		}
		switch i = skipSpace(b, end); {
		case i < len(b) && b[i] == ',':
			i = skipSpace(b, i+1)
		case i < len(b) && b[i] == '}':
			return i + 1
		default:
			return 0
		}
	}
	return 0
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// StringEnd returns the index after the closing quote of the JSON string at b[0], -1 where it has none.
func StringEnd(b []byte) int {
	for i := 1; ; i++ {
		quote := bytes.IndexByte(b[min(i, len(b)):], '"')
		if quote < 0 {
			return -1
		}
		i += quote
		slash := i
		for slash > 1 && b[slash-1] == '\\' {
			slash--
		}
		if (i-slash)%2 == 0 {
			return i + 1
		}
	}
}

// valueEnd returns the index after the JSON value at i.
func valueEnd(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	if b[i] == '"' {
		end := StringEnd(b[i:])
		if end < 0 {
			return -1
		}
		return i + end
	}
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			end := StringEnd(b[i:])
			if end < 0 {
				return -1
			}
			i += end - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// AppendString appends what the inside of a JSON string stands for. What is no escape is kept as it is.
func AppendString(to, inside []byte) []byte {
	for {
		i := bytes.IndexByte(inside, '\\')
		if i < 0 || i+1 >= len(inside) {
			return append(to, inside...)
		}
		to = append(to, inside[:i]...)
		var n int
		to, n = unescapeOne(to, inside[i:])
		inside = inside[i+n:]
	}
}

// unescapeOne appends the character of the escape that b begins with and returns how long that is.
func unescapeOne(to, b []byte) ([]byte, int) {
	switch b[1] {
	case 'n':
		return append(to, '\n'), 2
	case 't':
		return append(to, '\t'), 2
	case 'r':
		return append(to, '\r'), 2
	case 'b', 'f':
		return append(to, ' '), 2
	case '"', '\\', '/', '\'':
		return append(to, b[1]), 2
	case 'u':
		r, ok := hex4(b[2:])
		if !ok {
			return append(to, b[0]), 1
		}
		if utf16.IsSurrogate(r) && len(b) >= 12 && b[6] == '\\' && b[7] == 'u' {
			if low, ok := hex4(b[8:]); ok {
				return utf8.AppendRune(to, utf16.DecodeRune(r, low)), 12
			}
		}
		return utf8.AppendRune(to, r), 6
	}
	return append(to, b[0]), 1
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		r <<= 4
		switch {
		case lex.IsDigit(c):
			r |= rune(c - '0')
		case c >= 'a' && c <= 'f':
			r |= rune(c - 'a' + 10)
		case c >= 'A' && c <= 'F':
			r |= rune(c - 'A' + 10)
		default:
			return 0, false
		}
	}
	return r, true
}

// record is what counts of a JSON object.
type record struct {
	text, trace, dicts []byte // raw values
	rank               int    // of text among textKeys, from 1; smaller is better
	time               []byte
	timeRank           int
	level              Level
	hasLevel           bool
	host, stream       []byte
	service            []byte
	serviceRank        int
	pod, container     []byte
	pid                int
	facility, priority int
	transport          []byte
	identifier         []byte // the syslog program
	nested             int
	spare              []byte // the longest string whose name says nothing
}

// textKeys are the members under which shippers and loggers keep the text, the best first. Those up to loggerKeys are
// of an application's own logger as well.
var textKeys = []string{"message", "msg", "event", "text", "_msg", "MESSAGE", "log", "line", "textPayload", "@message",
	"SyslogMessage", "_raw", "LogEntry",
	"LogMessage", "logMessage", "log_message", "short_message", "full_message", "rawMessage", "raw_log", "RawData",
	"body", "Body", "content", "data", "stringValue", "lines", "output", "stderr", "stdout", "Logs", "logText", "Log"}

const loggerKeys = 4

var textRank = ranks(textKeys)

// timeKeys are those of the time, the best first: journald's own before what a program sent along.
var timeRank = ranks([]string{"_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "time", "timestamp",
	"@timestamp", "ts", "Timestamp", "timeUnixNano", "eventTime",
	"asctime", "datetime", "date", "_time", "TimeGenerated", "TimeStamp", "EventTime", "@t", "time_iso8601",
	"created_at", "receiveTimestamp", "observedTimeUnixNano", "dt"})

// serviceRank orders what names the service: the container before the unit, the unit before the program.
var serviceRank = ranks([]string{"CONTAINER_NAME", "container_name", "containerName", "ContainerName",
	"com.docker.compose.service", "service_name", "service.name", "service", "_SYSTEMD_UNIT", "UNIT", "unit",
	"systemd_unit", "SYSLOG_IDENTIFIER", "syslog_identifier", "appname", "app_name", "APP_NAME", "programname",
	"program", "ident", "tag", "ProcessName", "app", "job", "logStreamName", "_COMM"})

// containerKeys is how many of them name a container.
const containerKeys = 5

func ranks(keys []string) map[string]int {
	m := make(map[string]int, len(keys))
	for i, k := range keys {
		m[k] = i + 1
	}
	return m
}

// nestedKeys are the members whose own members are looked at: what shippers wrap a record in, and what they say of its
// origin. All others may hold any text of strangers ("locals").
var nestedKeys = ranks([]string{"_source", "jsonPayload", "result", "attributes", "kubernetes", "docker", "labels",
	"stream", "attrs", "resource", "metadata", "container", "pod",
	"host", "service", "log", "content", "body", "body_json", "fields", "Properties", "content_json", "Attributes",
	"@metadata"})

const maxNested = 4

// walk takes an object apart and returns where it ends; zero where it does not.
func (r *record) walk(b []byte, parent string) int {
	return EachMember(b, func(key, value []byte) bool {
		switch value[0] {
		case '"':
			r.string(key, value, parent)
		case '{':
			if nestedKeys[string(key)] > 0 && r.nested < maxNested {
				r.nested++
				r.walk(value, string(key))
				r.nested--
			}
		case '[':
			r.list(key, value, parent)
		case 'n', 't', 'f':
			if string(key) == "MESSAGE" && r.text == nil {
				r.text, r.rank = value, textRank["MESSAGE"]
			}
		default:
			r.number(key, value)
		}
		return true
	})
}

// list takes MESSAGE as journald writes bytes that are no text, and a traceback as a list of objects.
func (r *record) list(key, value []byte, parent string) {
	switch {
	case string(key) == "MESSAGE":
		r.text, r.rank = value, textRank["MESSAGE"]
	case string(key) == "exception" && parent == "":
		r.dicts = value
	case value[1] == '"' && StringEnd(value[1:]) == len(value)-2: // Elasticsearch's fields have lists of one
		r.string(key, value[1:len(value)-1], parent)
	}
}

// number takes a member that is written as a number.
func (r *record) number(key, value []byte) {
	switch string(key) {
	case "level", "severity_number", "severityNumber", "severity":
		n, ok := lex.Number(value)
		if ok && r.level == LevelUnknown {
			r.level, r.hasLevel = numericLevel(n), true
		}
	case "pid", "_PID":
		r.pid, _ = lex.Number(value)
	default:
		r.when(key, value)
	}
}

// numericLevel reads the numbers of bunyan and pino (10 to 60), Python (10 to 50), or syslog (0 to 7).
func numericLevel(n int) Level {
	switch {
	case n <= 7:
		return Level(n)
	case n >= 50:
		return LevelCritical
	case n >= 40:
		return LevelError
	case n >= 30:
		return LevelWarning
	}
	return LevelInfo
}

// minSpare is how long a text is at least that is looked at though its name says nothing.
const minSpare = 24

// when takes a member that is the time, and tells whether it is one.
func (r *record) when(key, value []byte) bool {
	rank := timeRank[string(key)]
	if rank > 0 && (r.timeRank == 0 || rank < r.timeRank) {
		r.time, r.timeRank = value, rank
	}
	return rank > 0
}

// string takes a member that is a string.
func (r *record) string(key, value []byte, parent string) {
	inside := value[1 : len(value)-1]
	key = untyped(key)
	if rank := textRank[string(key)]; rank > 0 && isText(parent) {
		rank += len(textKeys) * r.nested
		if r.rank == 0 || rank < r.rank {
			r.text, r.rank = value, rank
		}
		return
	}
	switch string(key) {
	case "exc_info", "exception", "stack_trace", "traceback":
		if isText(parent) {
			r.trace = value
		}
	case "level", "levelname", "severity", "log_level", "@l", "status":
		if level := LevelOf(inside); level != LevelUnknown && isText(parent) {
			r.level, r.hasLevel = level, r.hasLevel || string(key) != "status"
		}
	case "stream":
		r.stream = inside
	case "host", "hostname", "_HOSTNAME", "HOSTNAME", "node", "node_name", "Computer", "HostName":
		r.host = inside
	case "pod_name", "pod", "k8s.pod.name", "PodName", "podName":
		r.pod = inside
	case "container", "k8s.container.name", "container.name":
		r.container = inside
	case "name":
		r.name(inside, parent)
	case "PRIORITY":
		if n, ok := lex.Number(inside); ok {
			r.priority = n
		}
	case "SYSLOG_FACILITY":
		if n, ok := lex.Number(inside); ok {
			r.facility = n
		}
	case "_TRANSPORT":
		r.transport = inside
	case "SYSLOG_IDENTIFIER", "syslog_identifier", "appname", "programname":
		r.identifier = inside
		r.named(key, inside)
	case "_PID", "SYSLOG_PID", "procid":
		r.pid, _ = lex.Number(inside)
	default:
		if !r.named(key, inside) && !r.when(key, value) && len(value) > max(minSpare, len(r.spare)) {
			r.spare = value
		}
	}
}

// untyped takes off the "_s" that Azure's Log Analytics sets behind the names of a custom table's texts ("Log_s"),
// where the name before it is known.
func untyped(key []byte) []byte {
	name, ok := bytes.CutSuffix(key, []byte("_s"))
	if ok && (textRank[string(name)] > 0 || timeRank[string(name)] > 0 || serviceRank[string(name)] > 0) {
		return name
	}
	return key
}

// named takes a member that names the service, and tells whether it is one.
func (r *record) named(key, inside []byte) bool {
	rank := serviceRank[string(key)]
	if rank > 0 && (r.serviceRank == 0 || rank < r.serviceRank) {
		r.service, r.serviceRank = inside, rank
	}
	return rank > 0
}

// isText tells whether a member of that name holds the record's text among its members.
func isText(parent string) bool {
	switch parent {
	case "", "_source", "jsonPayload", "result", "attributes", "content", "body", "body_json", "content_json",
		"fields", "Properties", "Attributes":
		return true
	}
	return false
}

// name takes the "name" in "container": {"name": …} and its like. At the top it is a logger's.
func (r *record) name(inside []byte, parent string) {
	switch parent {
	case "container":
		r.container = inside
	case "pod":
		r.pod = inside
	case "host":
		r.host = inside
	case "service":
		r.service, r.serviceRank = inside, serviceRank["service"]
	}
}

// byApplication tells whether an application's own logger made the record, so that it is whole: it has a level or a
// traceback beside its text. A shipper's record of one line has neither.
func (r *record) byApplication() bool {
	return (r.rank == 0 || r.rank <= loggerKeys) && (r.hasLevel || r.trace != nil || r.dicts != nil)
}
