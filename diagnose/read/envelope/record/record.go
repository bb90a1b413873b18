// Package record takes a record of JSON apart by the names that shippers, runtimes, journald and loggers give to its
// members: the text, the time, the level, and whose they are.
//
//	{"labels":{"container":"gateway"},"line":"Worker (pid:7) was sent SIGKILL!","timestamp":"2026-11-23T09:06:15Z"}
//
// [Record.Read] finds Text, Container and Time there. What it promises:
//
//   - Of two members that could be the same thing the better name is taken, whatever their order.
//   - Only members that shippers wrap a record in are looked into: any other may hold a stranger's text ("locals").
//   - Nothing is decoded or copied: what is found points into the object.
package record

import (
	"bytes"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/lex"
	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/severity"
)

// Record is what counts of a JSON object. Its slices point into the object.
type Record struct {
	// Text and Trace are strings as they are written, Text a list too; Exception is a traceback as a list of objects.
	Text, Trace, Exception []byte

	// Time is the value as it is written; all others are the insides of their strings.
	Time       []byte
	Level      severity.Level
	HasLevel   bool // it is the record's own, not the status of what it tells of
	Host       []byte
	Stream     []byte
	Service    []byte
	Pod        []byte
	Container  []byte
	PID        int
	Facility   int // of syslog, as Priority; -1 where it does not say
	Priority   int
	Identifier []byte // the syslog program
	// Spare is the longest string whose name says nothing, as it is written, nil where all are short.
	Spare []byte

	textRank, timeRank, serviceRank int // of what was taken among the names, from 1; smaller is better
	nested                          int
}

// New returns a record of which nothing is known.
func New() Record { return Record{Level: severity.Unknown, Facility: -1, Priority: -1} }

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

// MaxNested is how deep an object is that still belongs to its record.
const MaxNested = 4

// Read takes the object at the start of b apart and returns where it ends; zero where it does not, or is none.
func (r *Record) Read(b []byte) (end int) { return r.walk(b, "") }

// walk takes the members of an object that is the member parent of the record, "" = the record.
func (r *Record) walk(b []byte, parent string) int {
	return jsontext.EachMember(b, func(key, value []byte) bool {
		switch value[0] {
		case '"':
			r.string(key, value, parent)
		case '{':
			if nestedKeys[string(key)] > 0 && r.nested < MaxNested {
				r.nested++
				r.walk(value, string(key))
				r.nested--
			}
		case '[':
			r.list(key, value, parent)
		case 'n', 't', 'f':
			if string(key) == "MESSAGE" && r.Text == nil {
				r.Text, r.textRank = value, textRank["MESSAGE"]
			}
		default:
			r.number(key, value)
		}
		return true
	})
}

// list takes MESSAGE as journald writes bytes that are no text, and a traceback as a list of objects.
func (r *Record) list(key, value []byte, parent string) {
	switch {
	case string(key) == "MESSAGE":
		r.Text, r.textRank = value, textRank["MESSAGE"]
	case string(key) == "exception" && parent == "":
		r.Exception = value
	case value[1] == '"' && jsontext.StringEnd(value[1:]) == len(value)-2: // Elasticsearch's fields have lists of one
		r.string(key, value[1:len(value)-1], parent)
	}
}

// number takes a member that is written as a number.
func (r *Record) number(key, value []byte) {
	switch string(key) {
	case "level", "severity_number", "severityNumber", "severity":
		n, ok := lex.Number(value)
		if ok && r.Level == severity.Unknown {
			r.Level, r.HasLevel = severity.OfNumber(n), true
		}
	case "pid", "_PID":
		r.PID, _ = lex.Number(value)
	default:
		r.when(key, value)
	}
}

// minSpare is how long a text is at least that is looked at though its name says nothing.
const minSpare = 24

// when takes a member that is the time, and tells whether it is one.
func (r *Record) when(key, value []byte) bool {
	rank := timeRank[string(key)]
	if rank > 0 && (r.timeRank == 0 || rank < r.timeRank) {
		r.Time, r.timeRank = value, rank
	}
	return rank > 0
}

// string takes a member that is a string.
func (r *Record) string(key, value []byte, parent string) {
	inside := value[1 : len(value)-1]
	key = Untyped(key)
	if rank := textRank[string(key)]; rank > 0 && holdsText(parent) {
		rank += len(textKeys) * r.nested
		if r.textRank == 0 || rank < r.textRank {
			r.Text, r.textRank = value, rank
		}
		return
	}
	switch string(key) {
	case "exc_info", "exception", "stack_trace", "traceback":
		if holdsText(parent) {
			r.Trace = value
		}
	case "level", "Level", "lvl", "levelname", "loglevel", "log_level", "log.level", "severity", "severity_text",
		"severityText", "SeverityText", "@l", "status":
		if level := severity.Of(inside); level != severity.Unknown && holdsText(parent) {
			r.Level, r.HasLevel = level, r.HasLevel || string(key) != "status"
		}
	case "stream":
		r.Stream = inside
	case "host", "hostname", "_HOSTNAME", "HOSTNAME", "node", "node_name", "Computer", "HostName":
		r.Host = inside
	case "pod_name", "pod", "k8s.pod.name", "PodName", "podName":
		r.Pod = inside
	case "container", "k8s.container.name", "container.name":
		r.Container = inside
	case "name":
		r.name(inside, parent)
	case "PRIORITY":
		if n, ok := lex.Number(inside); ok {
			r.Priority = n
		}
	case "SYSLOG_FACILITY":
		if n, ok := lex.Number(inside); ok {
			r.Facility = n
		}
	case "SYSLOG_IDENTIFIER", "syslog_identifier", "appname", "programname":
		r.Identifier = inside
		r.named(key, inside)
	case "_PID", "SYSLOG_PID", "procid":
		r.PID, _ = lex.Number(inside)
	default:
		if !r.named(key, inside) && !r.when(key, value) && len(value) > max(minSpare, len(r.Spare)) {
			r.Spare = value
		}
	}
}

// Untyped takes off the "_s" that Azure's Log Analytics sets behind the names of a custom table's texts ("Log_s"),
// where the name before it is known.
func Untyped(key []byte) []byte {
	name, ok := bytes.CutSuffix(key, []byte("_s"))
	if ok && IsKnown(string(name)) {
		return name
	}
	return key
}

// IsText tells whether a member of that name is the text of its record.
func IsText(name string) bool { return textRank[name] > 0 }

// IsTime tells whether a member of that name is the time of its record.
func IsTime(name string) bool { return timeRank[name] > 0 }

// IsKnown tells whether a member of that name is the text, the time, or the name of the service.
func IsKnown(name string) bool { return IsText(name) || IsTime(name) || serviceRank[name] > 0 }

// named takes a member that names the service, and tells whether it is one.
func (r *Record) named(key, inside []byte) bool {
	rank := serviceRank[string(key)]
	if rank > 0 && (r.serviceRank == 0 || rank < r.serviceRank) {
		r.Service, r.serviceRank = inside, rank
	}
	return rank > 0
}

// holdsText tells whether a member of that name holds the record's text among its members.
func holdsText(parent string) bool {
	switch parent {
	case "", "_source", "jsonPayload", "result", "attributes", "content", "body", "body_json", "content_json",
		"fields", "Properties", "Attributes":
		return true
	}
	return false
}

// name takes the "name" in "container": {"name": …} and its like. At the top it is a logger's.
func (r *Record) name(inside []byte, parent string) {
	switch parent {
	case "container":
		r.Container = inside
	case "pod":
		r.Pod = inside
	case "host":
		r.Host = inside
	case "service":
		r.Service, r.serviceRank = inside, serviceRank["service"]
	}
}

// ByApplication tells whether an application's own logger made the record, so that it is whole: it has a level or a
// traceback beside its text. A shipper's record of one line has neither.
func (r *Record) ByApplication() bool {
	return (r.textRank == 0 || r.textRank <= loggerKeys) && (r.HasLevel || r.Trace != nil || r.Exception != nil)
}

// NamesContainer tells whether the record says in which container or pod the text was written.
func (r *Record) NamesContainer() bool {
	return len(r.Pod) > 0 || len(r.Container) > 0 || r.serviceRank > 0 && r.serviceRank <= containerKeys
}

// IsLog tells whether the text stands under "log", where runtimes put it.
func (r *Record) IsLog() bool { return r.textRank == textRank["log"] }

// IsJSONFile tells whether the record has the form of Docker's json-file: text and time under its names, and no word of
// whose they are.
func (r *Record) IsJSONFile() bool {
	return r.IsLog() && r.timeRank == timeRank["time"] && len(r.Pod) == 0 && len(r.Container) == 0 && r.serviceRank == 0
}

// TakeSpare makes a string whose name says nothing the text.
func (r *Record) TakeSpare() { r.Text, r.textRank = r.Spare, len(textKeys) }

// FindSpare returns the first string of an object, at any depth, that is long enough for a text and of which holds says
// that it is one, nil where there is none.
func FindSpare(object []byte, holds func(value []byte) bool) []byte {
	return findSpare(object, holds, 0)
}

func findSpare(object []byte, holds func(value []byte) bool, depth int) (found []byte) {
	jsontext.EachMember(object, func(_, value []byte) bool {
		switch {
		case value[0] == '{' && depth < MaxNested:
			found = findSpare(value, holds, depth+1)
		case value[0] == '"' && len(value) > minSpare && holds(value):
			found = value
		}
		return found == nil
	})
	return found
}
