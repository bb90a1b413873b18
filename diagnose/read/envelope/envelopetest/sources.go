package envelopetest

import (
	"bytes"
	"fmt"
	"html"
	"slices"
	"strings"
)

// sources are logs as pages, consoles, test runners and editors hold them: nobody's form is known, what all lines share
// has to be seen.
func sources() []Framing {
	escaped := func(e Entry) string { return html.EscapeString(e.Text) }
	number := 0
	numbered := func(format string) func([]Entry) []byte {
		return each(func(e Entry) string {
			number++
			return fmt.Sprintf(format, number, e.Text)
		})
	}
	return slices.Concat([]Framing{
		{Name: "Fly", Timed: true, Frame: stamped("2006-01-02T15:04:05Z07:00", " app[148ed193b9d089] fra [info]")},
		{Name: "a page's breaks", Lossy: true, Frame: each(func(e Entry) string { return escaped(e) + "<br/>" })},
		{Name: "a page's elements", Lossy: true, Frame: each(func(e Entry) string {
			return `<div class="line"><span class="t">` + e.At.Format("15:04:05") + `</span> <span class="m">` + escaped(e) +
				"</span></div>"
		})},
		{Name: "a page in one line", Lossy: true, Frame: joined("<table>", "", "</table>", func(e Entry) string {
			return "<tr><td>" + e.At.Format("2006-01-02 15:04:05") + "</td><td>" + escaped(e) + "</td></tr>"
		})},
		{Name: "XML in one line", Timed: true, Lossy: true, Frame: joined("<log>", "", "</log>\n", func(e Entry) string {
			return `<event time="` + e.At.Format(micros) + `"><message>` + escaped(e) + "</message></event>"
		})},
		{Name: "a terminal written over", Frame: each(func(e Entry) string {
			return "\x1b[2K\r\x1b[31m" + e.Text + "\x1b[0m\x1b[K\r"
		})},
		{Name: "cat -A", Lossy: true, Frame: each(func(e Entry) string {
			return strings.ReplaceAll(e.Text, "\t", "^I") + "$"
		})},
		{Name: "a Python list", Lossy: true, Frame: joined("[", ", ", "]\n", func(e Entry) string {
			return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(e.Text) + "'"
		})},
		{Name: "a YAML list", Frame: each(func(e Entry) string { return "  - " + string(jsonString(e.Text)) })},
		{Name: "Drone", Frame: numbered("[gateway:%d] %s")},
		{Name: "Gradle's test", Frame: numbered("    gateway_test.go:%d: %s")},
		{Name: "Jenkins, timestamper", Lossy: true, Frame: stamped("15:04:05", "  ")},
		{Name: "nerdctl compose", Service: "gateway_1", Lossy: true, Frame: before("gateway_1     |")},
		{Name: "Gitea's runner", Timed: true, Frame: stamped(micros, "   | ")},
		{Name: "Maven's child", Frame: before("[INFO] [stderr] ")},
		{Name: "GitLab's runner", Timed: true, Frame: stamped(micros, " 01O ")},
		{Name: "Python's logging", Frame: before("INFO:docker:")},
		{Name: "promtail --dry-run", Timed: true, Frame: stamped(micros, "{container=\"gateway\"}\t")},
		{Name: "a terminal's pane", Lossy: true, Frame: each(func(e Entry) string {
			return fmt.Sprintf("│%-140s│", e.Text)
		})},
	}, answers())
}

// answers are what the interfaces of platforms answer.
func answers() []Framing {
	return []Framing{
		{Name: "a table of columns and rows", Timed: true, Frame: joined(
			`{"tables":[{"columns":[{"name":"TimeGenerated","type":"datetime"},{"name":"LogEntry","type":"string"}],"rows":[`,
			",", "]}]}\n", func(e Entry) string {
				return `["` + e.At.Format(micros) + `",` + string(jsonString(e.Text)) + "]"
			})},
		{Name: "Railway", Timed: true, Frame: members(func(e Entry) []any {
			return []any{"attributes", []map[string]string{{"key": "level", "value": "error"}}, "message", e.Text, "severity",
				"error", "timestamp", e.At.Format(micros)}
		})},
		{Name: "logfmt around all", Timed: true, Frame: each(func(e Entry) string {
			return `time="` + e.At.Format(micros) + `" level=info msg=` + string(jsonString(e.Text)) + " container=gateway"
		})},
	}
}

// joined frames a log as one text.
func joined(open, between, closing string, line func(e Entry) string) func([]Entry) []byte {
	return func(log []Entry) []byte {
		var lines []string
		for _, e := range log {
			lines = append(lines, line(e))
		}
		return []byte(open + strings.Join(lines, between) + closing)
	}
}

func jsonString(text string) []byte {
	return bytes.TrimSuffix(bytes.TrimPrefix(objectOf([]any{"", text}), []byte(`{"":`)), []byte("}"))
}
