// Package envelopetest frames a service's log in the ways in which logs reach a person, for tests: what goes in is
// known, so what a reader makes of a framing can be held against it.
package envelopetest

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// Entry is one line as the service printed it.
type Entry struct {
	At   time.Time
	Text string
}

// Framing is one way in which a log reaches a person.
type Framing struct {
	Name string
	// Service is what the framing says of the line's origin; "" where it says nothing.
	Service string
	// Timed: the framing has a whole date, so the time of every line is known.
	Timed bool
	// Lossy: the framing leaves out what stands at the beginning or end of a line (trailing blanks, indentation of
	// parts), or folds lines.
	Lossy bool
	Frame func(log []Entry) []byte
}

const (
	nanos   = "2006-01-02T15:04:05.000000000Z07:00"
	micros  = "2006-01-02T15:04:05.000000Z07:00"
	syslog  = "Jan _2 15:04:05"
	seconds = "2006-01-02T15:04:05-0700"
)

// each frames line by line.
func each(line func(e Entry) string) func([]Entry) []byte {
	return func(log []Entry) []byte {
		var out bytes.Buffer
		for _, e := range log {
			out.WriteString(line(e))
			out.WriteByte('\n')
		}
		return out.Bytes()
	}
}

// before frames with a fixed text.
func before(prefix string) func([]Entry) []byte {
	return each(func(e Entry) string { return prefix + e.Text })
}

// stamped frames with a time in a layout, and what follows it.
func stamped(layout, after string) func([]Entry) []byte {
	return each(func(e Entry) string { return e.At.Format(layout) + after + e.Text })
}

// members frames as one JSON object a line; nil values are left out.
func members(fields func(e Entry) []any) func([]Entry) []byte {
	return each(func(e Entry) string { return string(objectOf(fields(e))) })
}

// objectOf writes keys and values in their order.
func objectOf(fields []any) []byte {
	var out bytes.Buffer
	out.WriteByte('{')
	for i := 0; i < len(fields); i += 2 {
		if i > 0 {
			out.WriteByte(',')
		}
		key, _ := json.Marshal(fields[i])
		out.Write(key)
		out.WriteByte(':')
		if nested, ok := fields[i+1].([]any); ok {
			out.Write(objectOf(nested))
			continue
		}
		var value bytes.Buffer
		enc := json.NewEncoder(&value)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(fields[i+1]); err != nil {
			panic(err) // of a test's own values
		}
		out.Write(bytes.TrimSpace(value.Bytes()))
	}
	out.WriteByte('}')
	return out.Bytes()
}

// document frames as one JSON document that holds a list of records.
func document(head, tail string, indent bool, fields func(e Entry) []any) func([]Entry) []byte {
	return func(log []Entry) []byte {
		var out bytes.Buffer
		out.WriteString(head)
		for i, e := range log {
			if i > 0 {
				out.WriteByte(',')
			}
			out.Write(objectOf(fields(e)))
		}
		out.WriteString(tail)
		if !indent {
			return append(out.Bytes(), '\n')
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, out.Bytes(), "", "    "); err != nil {
			panic(err)
		}
		return append(pretty.Bytes(), '\n')
	}
}

// then frames what another framing made once more, line by line.
func then(inner, outer func([]Entry) []byte) func([]Entry) []byte {
	return func(log []Entry) []byte {
		lines := strings.Split(strings.TrimSuffix(string(inner(log)), "\n"), "\n")
		var framed []Entry
		for i, l := range lines {
			framed = append(framed, Entry{At: log[min(i, len(log)-1)].At, Text: l})
		}
		return outer(framed)
	}
}

// All returns the framings. Those up to the first further one are the samples of the list; the others are of
// the same kinds.
func All() []Framing {
	return slices.Concat(runtimes(), journals(), shippers(), people(), nested(), exports(),
		sources())
}

func runtimes() []Framing {
	cet := time.FixedZone("CET", 3600)
	return []Framing{
		{Name: "plain", Frame: before("")},
		{Name: "CRLF", Frame: each(func(e Entry) string { return e.Text + "\r" })},
		{Name: "docker logs -t", Timed: true, Frame: stamped(nanos, " ")},
		{Name: "docker logs -t in another zone", Timed: true,
			Frame: each(func(e Entry) string { return e.At.In(cet).Format(nanos) + " " + e.Text })},
		{Name: "compose v2", Service: "gateway-1", Frame: before("gateway-1  | ")},
		{Name: "compose v1", Service: "gateway_1", Frame: before("gateway_1   | ")},
		{Name: "compose v2 -t", Service: "gateway-1", Timed: true,
			Frame: each(func(e Entry) string { return "gateway-1  | " + e.At.Format(nanos) + " " + e.Text })},
		{Name: "compose in colour", Service: "gateway-1", Frame: before("\x1b[36mgateway-1  | \x1b[0m")},
		{Name: "compose, container_name", Service: "gateway", Frame: before("gateway  | ")},
		{Name: "compose, blanks trimmed", Service: "gateway-1", Lossy: true,
			Frame: each(func(e Entry) string { return strings.TrimRight("gateway-1  | "+e.Text, " ") })},
		{Name: "swarm", Service: "gateway.1.x8c2v9q1", Frame: before("gateway.1.x8c2v9q1@node-3    | ")},
		{Name: "swarm -t", Service: "gateway.1.x8c2v9q1", Timed: true, Frame: stamped(nanos,
			" gateway.1.x8c2v9q1@node-3    | ")},
		{Name: "honcho", Service: "web.1", Frame: stamped("15:04:05", " web.1  | ")},
		{Name: "kubectl --prefix", Service: "gateway-7d9f-abcde", Frame: before("[pod/gateway-7d9f-abcde/gateway] ")},
		{Name: "kubectl --timestamps", Timed: true, Frame: stamped(nanos, " ")},
		{Name: "kubectl --prefix --timestamps", Service: "gateway-7d9f-abcde", Timed: true, Frame: each(func(e Entry) string {
			return "[pod/gateway-7d9f-abcde/gateway] " + e.At.Format(nanos) + " " + e.Text
		})},
		{Name: "CRI", Timed: true, Frame: stamped(nanos, " stderr F ")},
		{Name: "json-file", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"log", e.Text + "\n", "stream", "stderr", "time", e.At.Format(nanos)}
		})},
		{Name: "json-file with attrs", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"log", e.Text + "\n", "stream", "stderr", "attrs", []any{"a", "b"}, "time", e.At.Format(nanos)}
		})},
		{Name: "stern", Service: "gateway-7d9f-abcde", Frame: before("gateway-7d9f-abcde gateway ")},
		{Name: "supervisord", Service: "gateway", Timed: true, Frame: each(func(e Entry) string {
			return e.At.Format("2006-01-02 15:04:05,000") + " DEBG 'gateway' stderr output:\n" + e.Text
		})},
		{Name: "frames of the engine's API", Timed: true, Frame: func(log []Entry) []byte {
			var out []byte
			for _, e := range log {
				text := e.At.Format(nanos) + " " + e.Text + "\n"
				out = binary.BigEndian.AppendUint32(append(out, 2, 0, 0, 0), uint32(len(text)))
				out = append(out, text...)
			}
			return out
		}},
		{Name: "Docker Desktop", Timed: true, Frame: stamped("2006-01-02 15:04:05", " ")},
		{Name: "Heroku", Service: "web.1", Timed: true, Frame: stamped(micros, " app[web.1]: ")},
		{Name: "Cloud Foundry", Service: "APP/PROC/WEB/0", Timed: true, Frame: each(func(e Entry) string {
			return "   " + e.At.Format("2006-01-02T15:04:05.00-0700") + " [APP/PROC/WEB/0] ERR " + e.Text
		})},
		{Name: "Ray", Service: "worker", Frame: before("(worker pid=1) ")},
		{Name: "talosctl", Frame: before("172.20.0.2: ")},
	}
}

func journals() []Framing {
	return []Framing{
		{Name: "journalctl", Service: "docker", Frame: stamped(syslog, " host docker[2974]: ")},
		{Name: "journalctl -o short-iso", Service: "gateway", Timed: true, Frame: stamped(seconds, " host gateway[812]: ")},
		{Name: "journalctl -o short-precise", Service: "gateway", Frame: stamped(syslog+".000000", " host gateway[812]: ")},
		{Name: "journalctl -o short-full", Service: "gateway", Timed: true, Frame: stamped("Mon 2006-01-02 15:04:05 MST",
			" host gateway[812]: ")},
		{Name: "journalctl -o with-unit", Service: "gateway", Timed: true, Frame: stamped("Mon 2006-01-02 15:04:05 MST",
			" host gateway.service[812]: ")},
		{Name: "journalctl -o short-unix", Service: "gateway", Timed: true, Frame: each(func(e Entry) string {
			return fmt.Sprintf("%d.%06d host gateway[812]: %s", e.At.Unix(), e.At.Nanosecond()/1000, e.Text)
		})},
		{Name: "journalctl --no-hostname", Service: "gateway", Frame: stamped(syslog, " gateway[812]: ")},
		{Name: "journalctl -o cat", Frame: before("")},
		{Name: "journalctl -o json", Service: "gateway", Timed: true, Frame: members(journalRecord)},
		{Name: "journalctl -o json, message as bytes", Service: "gateway", Timed: true, Frame: members(func(e Entry) []any {
			var values []int
			for _, b := range []byte(e.Text) {
				values = append(values, int(b))
			}
			return []any{"__REALTIME_TIMESTAMP", micro(e.At), "_SYSTEMD_UNIT", "gateway.service", "MESSAGE", append([]int{},
				values...)}
		})},
		{Name: "journalctl -o json-pretty", Service: "gateway", Timed: true, Frame: func(log []Entry) []byte {
			var out bytes.Buffer
			for _, e := range log {
				var pretty bytes.Buffer
				if err := json.Indent(&pretty, objectOf(journalRecord(e)), "", "\t"); err != nil {
					panic(err)
				}
				out.Write(append(pretty.Bytes(), '\n'))
			}
			return out.Bytes()
		}},
		{Name: "journalctl -o json-sse", Service: "gateway", Timed: true,
			Frame: each(func(e Entry) string { return "data: " + string(objectOf(journalRecord(e))) + "\n" })},
		{Name: "journalctl -o json-seq", Service: "gateway", Timed: true,
			Frame: each(func(e Entry) string { return "\x1e" + string(objectOf(journalRecord(e))) })},
		{Name: "journalctl -o verbose", Service: "gateway", Timed: true, Frame: func(log []Entry) []byte {
			var out bytes.Buffer
			for _, e := range log {
				fmt.Fprintf(&out,
					"%s [s=8d8a;i=1f3;b=7c3c11;m=5f2d0c1;t=%x;x=9c]\n    PRIORITY=3\n    _SYSTEMD_UNIT=gateway.service\n    "+
						"_HOSTNAME=host\n    MESSAGE=%s\n",
					e.At.Format("Mon 2006-01-02 15:04:05.000000 MST"), e.At.UnixMicro(), e.Text)
			}
			return out.Bytes()
		}},
		{Name: "journalctl -o export", Service: "gateway", Timed: true, Frame: func(log []Entry) []byte {
			var out []byte
			for i, e := range log {
				out = fmt.Appendf(out,
					"__CURSOR=s=8d8a;i=%x\n__REALTIME_TIMESTAMP=%s\n_SYSTEMD_UNIT=gateway.service\nPRIORITY=3\n", i, micro(e.At))
				if strings.ContainsAny(e.Text, "\x1b\t") || i%2 == 1 { // not only what has to be is written so
					out = append(out, "MESSAGE\n"...)
					out = binary.LittleEndian.AppendUint64(out, uint64(len(e.Text)))
					out = append(out, e.Text+"\n\n"...)
				} else {
					out = append(out, "MESSAGE="+e.Text+"\n\n"...)
				}
			}
			return out
		}},
		{Name: "RFC 5424", Service: "gateway", Timed: true, Frame: each(func(e Entry) string {
			return "<27>1 " + e.At.Format(micros) + " host gateway 812 - - " + e.Text
		})},
		{Name: "RFC 5424 with data", Service: "gateway", Timed: true, Frame: each(func(e Entry) string {
			return "<27>1 " + e.At.Format(micros) + ` host gateway - ID47 [x@1 a="b] c" d="\"e"] ` + e.Text
		})},
		{Name: "RFC 3164", Service: "gateway",
			Frame: each(func(e Entry) string { return "<27>" + e.At.Format(syslog) + " host gateway[812]: " + e.Text })},
		{Name: "rsyslog, high precision", Service: "gateway", Timed: true, Frame: stamped(micros, " host gateway[812]: ")},
		{Name: "rsyslog without pid", Service: "gateway", Timed: true, Frame: stamped(micros, " host gateway: ")},
		{Name: "syslog with the year", Service: "gateway", Timed: true, Frame: stamped("Jan _2 2006 15:04:05",
			" host gateway[812]: ")},
		{Name: "BusyBox", Service: "gateway", Frame: stamped(syslog, " host daemon.err gateway[812]: ")},
		{Name: "OpenWrt", Service: "gateway", Timed: true, Frame: stamped("Mon Jan _2 15:04:05 2006",
			" daemon.err gateway[812]: ")},
		{Name: "syslog in Russian", Service: "gateway", Frame: stamped("ноя 2 15:04:05", " host gateway[812]: ")},
		{Name: "priority alone", Frame: before("<3>")},
	}
}

func journalRecord(e Entry) []any {
	return []any{"__REALTIME_TIMESTAMP", micro(e.At), "_HOSTNAME", "host", "CONTAINER_NAME", "gateway", "PRIORITY",
		"3", "_SYSTEMD_UNIT", "docker.service", "MESSAGE", e.Text}
}

func micro(at time.Time) string { return fmt.Sprint(at.UnixMicro()) }

func shippers() []Framing {
	cloudwatch := func(e Entry) []any {
		return []any{"timestamp", e.At.UnixMilli(), "message", e.Text, "ingestionTime", e.At.UnixMilli() + 5}
	}
	text := func(key string) func([]Entry) []byte {
		return members(func(e Entry) []any {
			return []any{"timestamp", e.At.Format(nanos), "container_name", "gateway", key, e.Text}
		})
	}
	list := []Framing{
		{Name: "logcli -o jsonl", Service: "gateway", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"labels", []any{"container", "gateway"}, "line", e.Text, "timestamp", e.At.Format(nanos)}
		})},
		{Name: "logcli", Service: "gateway", Timed: true,
			Frame: stamped(time.RFC3339, ` {container="gateway", stream="stderr"} `)},
		{Name: "Loki's API", Service: "gateway", Timed: true, Frame: lokiAnswer},
		{Name: "CloudWatch get-log-events", Timed: true,
			Frame: document(`{"events":[`, `],"nextForwardToken":"f/1"}`, true, cloudwatch)},
		{Name: "CloudWatch get-log-events on one line", Timed: true,
			Frame: document(`{"events":[`, `],"nextForwardToken":"f/1"}`, false, cloudwatch)},
		{Name: "a JSON array", Timed: true, Frame: document(`[`, `]`, true, cloudwatch)},
		{Name: "a JSON array on one line", Timed: true, Frame: document(`[`, `]`, false, cloudwatch)},
		{Name: "CloudWatch Insights", Timed: true, Frame: insights},
		{Name: "aws logs tail", Service: "gateway", Timed: true, Frame: stamped("2006-01-02T15:04:05.000000-07:00",
			" gateway/gateway/0123456789abcdef ")},
		{Name: "fluentd, log without stream", Service: "gateway", Frame: members(func(e Entry) []any {
			return []any{"log", e.Text + "\n", "kubernetes", []any{"pod_name", "gateway"}}
		})},
		{Name: "Fluent Bit", Service: "gateway-7d9f", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"date", float64(e.At.UnixMicro()) / 1e6, "stream", "stderr", "log", e.Text, "kubernetes",
				[]any{"pod_name", "gateway-7d9f", "container_name", "gateway", "namespace_name", "default"}}
		})},
		{Name: "Elasticsearch hits", Service: "gateway", Timed: true,
			Frame: document(`{"took":3,"hits":{"total":9,"hits":[`, `]}}`, true, func(e Entry) []any {
				return []any{"_index", "app-2026", "_id", "a1", "_source", []any{"@timestamp", e.At.Format(nanos), "message",
					e.Text, "container", []any{"name", "gateway"}}}
			})},
		{Name: "Filebeat", Service: "gateway", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"@timestamp", e.At.Format(nanos), "message", e.Text, "stream", "stderr", "host", []any{"name",
				"node-1"}, "container", []any{"name", "gateway", "id", "a6f3"}}
		})},
		{Name: "Google Cloud, text", Service: "gateway", Timed: true, Frame: document(`[`, `]`, true, func(e Entry) []any {
			return []any{"insertId", "x", "resource", []any{"type", "k8s_container", "labels", []any{"container_name",
				"gateway"}}, "severity", "ERROR", "textPayload", e.Text + "\n", "timestamp", e.At.Format(nanos)}
		})},
		{Name: "Google Cloud, journald", Service: "gateway", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"jsonPayload", []any{"MESSAGE", e.Text, "_SYSTEMD_UNIT", "gateway.service"}, "timestamp",
				e.At.Format(nanos)}
		})},
		{Name: "Google Cloud, YAML", Service: "gateway", Timed: true, Frame: each(func(e Entry) string {
			return fmt.Sprintf("---\ninsertId: x\nresource:\n  labels:\n    container_name: gateway\n  type: "+
				"k8s_container\ntextPayload: %q\ntimestamp: '%s'",
				e.Text, e.At.Format(nanos))
		})},
		{Name: "Azure", Service: "gateway", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"TimeGenerated", e.At.Format(nanos), "Computer", "node", "ContainerName", "gateway", "LogEntry", e.Text}
		})},
		{Name: "Splunk", Service: "gateway", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"preview", false, "result", []any{"_time", e.At.Format(nanos), "service", "gateway", "_raw", e.Text}}
		})},
		{Name: "Datadog", Service: "gateway", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"id", "x", "content", []any{"timestamp", e.At.Format(nanos), "service", "gateway", "message", e.Text}}
		})},
		{Name: "GELF", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"version", "1.1", "host", "h", "short_message", e.Text, "timestamp", float64(e.At.UnixMilli()) / 1000}
		})},
		{Name: "CSV", Service: "gateway", Timed: true, Frame: func(log []Entry) []byte {
			out := "timestamp,container,message\n"
			for _, e := range log {
				out += e.At.Format(nanos) + ",gateway," + `"` + strings.ReplaceAll(e.Text, `"`, `""`) + "\"\n"
			}
			return []byte(out)
		}},
		{Name: "CSV, quoted by Grafana", Timed: true, Frame: func(log []Entry) []byte {
			out := "\"Time\";\"Line\"\r\n"
			for _, e := range log {
				out += `"` + e.At.Format(nanos) + `";"` + strings.ReplaceAll(e.Text, `"`, `""`) + "\"\r\n"
			}
			return []byte(out)
		}},
		{Name: "logfmt", Service: "gateway", Timed: true, Frame: each(func(e Entry) string {
			return fmt.Sprintf("time=%s container=gateway msg=%q", e.At.Format(nanos), e.Text)
		})},
		{Name: "GitHub Actions", Timed: true, Frame: stamped("2006-01-02T15:04:05.0000000Z07:00", " ")},
	}
	for _, key := range []string{"msg", "line", "text", "@message", "SyslogMessage", "body", "content"} {
		list = append(list, Framing{Name: "JSON, " + key, Service: "gateway", Timed: true, Frame: text(key)})
	}
	return list
}

// insights answers a query: rows of fields.
func insights(log []Entry) []byte {
	rows := [][]any{}
	for _, e := range log {
		field := func(name, value string) any { return map[string]string{"field": name, "value": value} }
		rows = append(rows, []any{field("@timestamp", e.At.Format("2006-01-02 15:04:05.000")), field("@message", e.Text)})
	}
	doc, err := json.MarshalIndent(map[string]any{"results": rows, "status": "Complete"}, "", "  ")
	if err != nil {
		panic(err) // of a test's own values
	}
	return append(doc, '\n')
}

func lokiAnswer(log []Entry) []byte {
	var values [][]string
	for _, e := range log {
		values = append(values, []string{fmt.Sprint(e.At.UnixNano()), e.Text})
	}
	doc, err := json.Marshal(map[string]any{"status": "success", "data": map[string]any{"resultType": "streams",
		"result": []any{map[string]any{"stream": map[string]string{"container": "gateway"}, "values": values}}}})
	if err != nil {
		panic(err)
	}
	return append(doc, '\n')
}

func people() []Framing {
	return []Framing{
		{Name: "quoted", Frame: before("> ")},
		{Name: "quoted twice", Frame: before(">> ")},
		{Name: "quoted in a quotation", Frame: before("> > ")},
		{Name: "indented", Frame: before("    ")},
		{Name: "indented by a tab", Frame: before("\t")},
		{Name: "bullets", Frame: before("- ")},
		{Name: "back-ticks", Frame: each(func(e Entry) string { return "`" + e.Text + "`" })},
		{Name: "fenced", Frame: func(log []Entry) []byte { return []byte("```text\n" + string(before("")(log)) + "```\n") }},
		{Name: "HTML", Frame: func(log []Entry) []byte {
			return []byte("<pre>\n" + html.EscapeString(string(before("")(log))) + "</pre>\n")
		}},
		{Name: "grep -n", Frame: numbered("%d:")},
		{Name: "grep -H", Service: "gateway", Frame: before("gateway.log:")},
		{Name: "grep -Hn", Service: "gateway", Frame: numbered("/var/log/gateway.log:%d:")},
		{Name: "cat -n", Frame: numbered("%6d\t")},
		{Name: "cat -n, copied", Frame: numbered("%6d  ")},
		{Name: "CR CR LF", Frame: each(func(e Entry) string { return e.Text + "\r\r" })},
		{Name: "UTF-16", Frame: func(log []Entry) []byte {
			out := []byte{0xff, 0xfe}
			for _, u := range utf16.Encode([]rune(strings.ReplaceAll(string(before("")(log)), "\n", "\r\n"))) {
				out = binary.LittleEndian.AppendUint16(out, u)
			}
			return out
		}},
		{Name: "UTF-8 with a mark", Frame: func(log []Entry) []byte {
			return append([]byte("\xef\xbb\xbf"),
				before("")(log)...)
		}},
		{Name: "red", Frame: each(func(e Entry) string { return "\x1b[31m" + e.Text + "\x1b[0m" })},
		{Name: "NULs", Frame: each(func(e Entry) string { return "\x00" + e.Text + "\x00" })},
		{Name: "rich", Timed: true, Lossy: true, Frame: each(func(e Entry) string {
			return fmt.Sprintf("%s ERROR    %-110s", e.At.Format("[01/02/06 15:04:05]"), e.Text)
		})},
		{Name: "an unknown bar", Service: "gateway-1", Frame: before("gateway-1 ¦ ")},
		{Name: "an unknown arrow", Service: "prod/gateway", Frame: before("prod/gateway >>> ")},
		{Name: "brackets", Service: "gateway", Frame: before("[gateway] ")},
	}
}

func numbered(format string) func([]Entry) []byte {
	return func(log []Entry) []byte {
		var out bytes.Buffer
		for i, e := range log {
			fmt.Fprintf(&out, format+"%s\n", i+98, e.Text)
		}
		return out.Bytes()
	}
}

func nested() []Framing {
	journal := func(e Entry) []any { return []any{"timestamp", e.At.UnixMilli(), "message", e.Text} }
	return []Framing{
		{Name: "syslog in CloudWatch", Service: "gateway", Timed: true,
			Frame: then(stamped(syslog, " host gateway[812]: "), document(`{"events":[`, `]}`, true, journal))},
		{Name: "compose -t in a quotation", Service: "gateway-1", Timed: true,
			Frame: then(each(func(e Entry) string { return "gateway-1  | " + e.At.Format(nanos) + " " + e.Text }),
				before("> "))},
		{Name: "json-file in grep -n", Timed: true, Frame: then(members(func(e Entry) []any {
			return []any{"log", e.Text + "\n", "stream", "stderr", "time", e.At.Format(nanos)}
		}), numbered("%d:"))},
		{Name: "the journal's JSON in compose", Service: "journal-1", Timed: true, Frame: then(members(journalRecord),
			before("journal-1  | "))},
		{Name: "RFC 5424 in CRI", Service: "gateway", Timed: true, Frame: then(each(func(e Entry) string {
			return "<27>1 " + e.At.Format(micros) + " host gateway 812 - - " + e.Text
		}), stamped(nanos, " stdout F "))},
		{Name: "compose, indented, in back-ticks", Service: "gateway-1",
			Frame: then(then(before("gateway-1  | "), each(func(e Entry) string {
				return "`" + e.Text + "`"
			})), before("    "))},
	}
}

// Base64 is no framing that a reader can know: what it makes of it has to be said honestly.
func Base64(log []Entry) []byte {
	return each(func(e Entry) string { return base64.StdEncoding.EncodeToString([]byte(e.Text)) })(log)
}
