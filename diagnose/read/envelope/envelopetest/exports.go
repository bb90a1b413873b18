package envelopetest

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// exports are rows, words and dates that no tool is known by: what stands before a message is learned.
func exports() []Framing {
	const american, dayFirst = "01/02/2006 3:04:05 PM", "02/01/2006 15:04:05"
	return []Framing{
		{Name: "aws filter-log-events --output text", Service: "gateway/gateway/0123456789abcdef", Timed: true,
			Frame: each(func(e Entry) string {
				return fmt.Sprintf("EVENTS\t38123450\t%d\tgateway/gateway/0123456789abcdef\t%s\t%d", e.At.UnixMilli(), e.Text,
					e.At.UnixMilli())
			})},
		{Name: "gh run view --log", Service: "Run the tests", Timed: true, Frame: each(func(e Entry) string {
			return "build\tRun the tests\t" + e.At.Format("2006-01-02T15:04:05.0000000Z") + " " + e.Text
		})},
		{Name: "columns of tabs", Service: "gateway", Timed: true, Frame: each(func(e Entry) string {
			return "1234567890123\t" + e.At.Format(nanos) + "\t9988\tnode-7\t10.0.0.7\tUser\tError\tgateway\t" + e.Text
		})},
		{Name: "a template with bars", Service: "gateway", Timed: true, Frame: each(func(e Entry) string {
			return "kern.err|node-7|" + e.At.Format(micros) + "|gateway|" + e.Text
		})},
		{Name: "a table of a wiki", Timed: true, Frame: each(func(e Entry) string {
			return "|" + e.At.Format("2006-01-02 15:04:05") + "|" + e.Text + "|"
		})},
		{Name: "Fluent Bit's stdout", Service: "tail.0", Timed: true, Frame: each(func(e Entry) string {
			return fmt.Sprintf("[0] tail.0: [%d.000000000, {\"log\"=>%q}]", e.At.Unix(), e.Text)
		})},
		{Name: "Fluent Bit's stdout, new", Service: "tail.0", Timed: true, Frame: each(func(e Entry) string {
			return fmt.Sprintf("[0] tail.0: [[%d.000000000, {}], {\"priority\"=>3, \"log\"=>%q}]", e.At.Unix(), e.Text)
		})},
		{Name: "Fluentd's file", Service: "docker.gateway", Timed: true, Frame: each(func(e Entry) string {
			return e.At.Format(time.RFC3339) + "\tdocker.gateway\t" + string(objectOf([]any{"log", e.Text}))
		})},
		{Name: "rubydebug", Timed: true, Frame: each(func(e Entry) string {
			return fmt.Sprintf("{\n       \"message\" => %q,\n    \"@timestamp\" => %s,\n          \"host\" => {\n        "+
				"\"name\" => \"node-7\"\n    },\n         \"geo\" => nil\n}", e.Text, e.At.Format("2006-01-02T15:04:05.000Z"))
		})},
		{Name: "bat", Frame: numbered("%4d   │ ")},
		{Name: "border of a pane", Frame: before("│")},
		{Name: "docker build", Frame: stamped("#12 05.000", " ")},
		{Name: "annotate-output", Frame: stamped("15:04:05", " E: ")},
		{Name: "klog around", Frame: stamped("I0102 15:04:05.000000", "       1 logger.go:42] ")},
		{Name: "podman logs --names, padded", Frame: before("gateway-web  ")},
		{Name: "relative numbers", Frame: relative},
		{Name: "Jenkins, time", Timed: true, Frame: stamped("[2006-01-02T15:04:05.000Z]", " ")},
		{Name: "pm2, time", Service: "gateway", Frame: before("0|gateway  | 2026-11-23T09:06:15: ")},
		{Name: "shipper that adds a level", Frame: each(func(e Entry) string {
			return fmt.Sprintf(`{"message": %q, "level": "info", "timestamp": %q}`, e.Text, e.At.Format(nanos))
		})},
		{Name: "YAML, list", Timed: true, Frame: each(func(e Entry) string {
			return fmt.Sprintf("- message: '%s'\n  timestamp: %d", strings.ReplaceAll(e.Text, "'", "''"), e.At.UnixMilli())
		})},
		{Name: "OpenTelemetry, debug", Timed: true, Frame: each(func(e Entry) string {
			return "LogRecord #0\nTimestamp: " + e.At.Format("2006-01-02 15:04:05.000 -0700 MST") + "\nBody: Str(" + e.Text +
				")\nTrace ID: \nFlags: 0"
		})},
		{Name: "a gutter", Frame: numbered("%4d│")},
		{Name: "a forwarder's words", Timed: true, Frame: each(func(e Entry) string {
			return e.At.Format("2006-01-02T15:04:05.000Z") + " In(182) vmkernel: cpu3:2098)" + e.Text
		})},
		{Name: "a month and PM", Frame: stamped("Jan _2 03:04:05 PM", "  ")},
		{Name: "CSV, American dates", Timed: true, Frame: rows("Time,Message\n", american, ",")},
		{Name: "CSV, Kibana's dates", Timed: true, Frame: rows("\"@timestamp\",message\n", "\"Jan 2, 2006 @ 15:04:05.000\"",
			",")},
		{Name: "CSV, day first", Timed: true, Frame: rows("Date;Text\n", dayFirst, ";")},
		{Name: "CSV, day first with points", Timed: true, Frame: rows("Date;Text\n", "02.01.2006 15:04:05", ";")},
		{Name: "ISO without marks", Timed: true, Frame: rows("time,log\n", "20060102T150405Z", ",")},
		{Name: "CSV without a head", Service: "gateway", Timed: true, Frame: each(func(e Entry) string {
			return e.At.Format(nanos) + ",node-7,gateway,\"" + strings.ReplaceAll(e.Text, `"`, `""`) + `"`
		})},
	}
}

// rows frames as CSV with a head, a time and a text.
func rows(head, layout, comma string) func([]Entry) []byte {
	return func(log []Entry) []byte {
		var out bytes.Buffer
		out.WriteString(head)
		for _, e := range log {
			out.WriteString(e.At.Format(layout) + comma + `"` + strings.ReplaceAll(e.Text, `"`, `""`) + "\"\n")
		}
		return out.Bytes()
	}
}

// relative numbers lines by how far they are from that of an editor's cursor, as vim does with relativenumber.
func relative(log []Entry) []byte {
	var out bytes.Buffer
	cursor := len(log) / 2
	for i, e := range log {
		if i == cursor {
			fmt.Fprintf(&out, "%-3d %s\n", i+1, e.Text)
		} else {
			fmt.Fprintf(&out, "%3d %s\n", max(i-cursor, cursor-i), e.Text)
		}
	}
	return out.Bytes()
}
