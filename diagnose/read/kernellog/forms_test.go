package kernellog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope/envelopetest"
)

// formLogs are real logs, and the kills in them by pid and container, from corpusKills.
var formLogs = []string{"5.10-v1/basic-v1", "5.10-v2/podlimit-v2", "6.12-v2/basic-v2"}

// kernelRecord is one record of a recorded log.
type kernelRecord struct {
	level int
	us    int64
	msg   string // may have several lines
}

func (r kernelRecord) at() time.Time { return formBoot.Add(time.Duration(r.us) * time.Microsecond) }

func (r kernelRecord) clock() string { return fmt.Sprintf("[%5d.%06d] ", r.us/1e6, r.us%1e6) }

var formBoot = time.Date(2026, 11, 23, 9, 6, 11, 0, time.UTC)

func recordsOf(t *testing.T, name string) (list []kernelRecord) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name + ".kmsg")
	if err != nil {
		t.Fatal(err)
	}
	shape := regexp.MustCompile(`(?m)^(\d+),\d+,(\d+),[^;]*;(.*)$`)
	for _, m := range shape.FindAllSubmatch(text, -1) {
		level, _ := strconv.Atoi(string(m[1]))
		us, _ := strconv.ParseInt(string(m[2]), 10, 64)
		if level < 8 {
			list = append(list, kernelRecord{level, us, string(unescapeHex(m[3]))})
		}
	}
	return list
}

// form is one way in which a kernel log reaches a person.
type form struct {
	name        string
	wall, clock bool // which times it has
	text        func([]kernelRecord) string
}

// eachLine writes every physical line of a record behind head; later lines of a record
// behind rest, or behind the same where rest is nil.
func eachLine(head, rest func(kernelRecord) string) func([]kernelRecord) string {
	return func(list []kernelRecord) string {
		var out strings.Builder
		for _, r := range list {
			for i, line := range strings.Split(r.msg, "\n") {
				if i > 0 && rest != nil {
					out.WriteString(rest(r) + line + "\n")
					continue
				}
				out.WriteString(head(r) + line + "\n")
			}
		}
		return out.String()
	}
}

// indented writes the later lines of a record as dmesg and journalctl do.
func indented(head func(kernelRecord) string) func([]kernelRecord) string {
	return eachLine(head, func(r kernelRecord) string { return strings.Repeat(" ", len([]rune(head(r)))) })
}

func stampedBy(layout, after string) func(kernelRecord) string {
	return func(r kernelRecord) string { return r.at().Format(layout) + after }
}

// objects writes a record as one JSON object.
func objects(fields func(kernelRecord) map[string]any, before string) func([]kernelRecord) string {
	return func(list []kernelRecord) string {
		var out strings.Builder
		for _, r := range list {
			text, _ := json.Marshal(fields(r))
			out.WriteString(before + string(text) + "\n")
		}
		return out.String()
	}
}

// documents writes the records as one JSON document.
func documents(key string, fields func(kernelRecord) map[string]any) func([]kernelRecord) string {
	return func(list []kernelRecord) string {
		var all []map[string]any
		for _, r := range list {
			all = append(all, fields(r))
		}
		var whole any = all
		if key != "" {
			whole = map[string]any{key: all}
		}
		text, _ := json.MarshalIndent(whole, "", "   ")
		return string(text) + "\n"
	}
}

// after changes what another form made.
func after(inner func([]kernelRecord) string, change func(string) string) func([]kernelRecord) string {
	return func(list []kernelRecord) string { return change(inner(list)) }
}

func prefixed(prefix string) func(string) string {
	return func(s string) string {
		return prefix + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n"+prefix) + "\n"
	}
}

func numbered(form string) func(string) string {
	return func(s string) string {
		var out strings.Builder
		for i, line := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
			fmt.Fprintf(&out, form+"%s\n", i+1, line)
		}
		return out.String()
	}
}

func reversed(s string) string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	slices.Reverse(lines)
	return strings.Join(lines, "\n") + "\n"
}

func folded(width int) func(string) string {
	return func(s string) string {
		var out strings.Builder
		for line := range strings.SplitSeq(strings.TrimSuffix(s, "\n"), "\n") {
			for len(line) > width {
				out.WriteString(line[:width] + "\n")
				line = line[width:]
			}
			out.WriteString(line + "\n")
		}
		return out.String()
	}
}

const (
	ctime   = "Mon Jan _2 15:04:05 2006"
	classic = "Jan _2 15:04:05"
	isoTime = "2006-01-02T15:04:05.000000-07:00"
)

// locales are weekday and month as other languages abbreviate them.
var locales = map[string]string{
	"German": "Mo Nov", "French": "lun. nov.", "Russian": "Пн ноя", "Chinese": "一 11月", "Japanese": "月 11月",
	"Korean":  "월 11월",
	"Spanish": "lun nov", "Polish": "pon lis", "Czech": "Po lis", "Turkish": "Pzt Kas",
}

func journalFields(r kernelRecord) map[string]any {
	return map[string]any{"__REALTIME_TIMESTAMP": fmt.Sprint(r.at().UnixMicro()),
		"_SOURCE_MONOTONIC_TIMESTAMP": fmt.Sprint(r.us),
		"_BOOT_ID":                    "7c3c1f7a2f0e4d5f9d1b6a5a4c3b2a19", "_TRANSPORT": "kernel",
		"SYSLOG_FACILITY":   "0",
		"PRIORITY":          fmt.Sprint(r.level),
		"SYSLOG_IDENTIFIER": "kernel", "_HOSTNAME": "node-17", "MESSAGE": r.msg}
}

func dmesgForms() []form {
	kernel := func(r kernelRecord) string { return r.clock() }
	list := []form{
		{"dmesg", false, true, indented(kernel)},
		{"dmesg -T", true, false, indented(stampedBy("["+ctime+"]", " "))},
		{"dmesg -T -d", true, false, indented(stampedBy("["+ctime+" <    0.000003>]", " "))},
		{"dmesg -d", false, true, indented(func(r kernelRecord) string {
			return strings.Replace(r.clock(), "]",
				" <    0.000003>]", 1)
		})},
		{"dmesg -x", false, true, indented(func(r kernelRecord) string {
			return fmt.Sprintf("kern  :%-6s: ",
				levelWord(r.level)) + r.clock()
		})},
		{"dmesg -x -T", true, false, indented(func(r kernelRecord) string {
			return fmt.Sprintf("kern  :%-6s: ", levelWord(r.level)) + r.at().Format("["+ctime+"] ")
		})},
		{"dmesg -r", false, true, eachLine(func(r kernelRecord) string {
			return fmt.Sprintf("<%d>", r.level) +
				r.clock()
		}, nil)},
		{"dmesg -t", false, false, eachLine(func(kernelRecord) string { return "" }, nil)},
		{"dmesg -H", false, false, indented(func(kernelRecord) string { return "[  +0.000003] " })},
		{"dmesg -L=always", false, true, indented(func(r kernelRecord) string {
			return "\x1b[32m" + r.clock() + "\x1b[0m\x1b[33m"
		})},
		{"dmesg --time-format iso", true, false, indented(stampedBy("2006-01-02T15:04:05,000000-07:00", " "))},
		{"dmesg --time-format delta", false, false, indented(func(kernelRecord) string { return "[<    0.000003>] " })},
		{"dmesg with callers", false, true,
			eachLine(func(r kernelRecord) string { return strings.TrimSuffix(r.clock(), " ") + "[ T1234] " }, nil)},
		{"dmesg of BusyBox", false, true, eachLine(kernel, nil)},
		{"dmesg -J", false, true, documents("dmesg", func(r kernelRecord) map[string]any {
			return map[string]any{"pri": r.level, "time": json.Number(fmt.Sprintf("%d.%06d", r.us/1e6, r.us%1e6)),
				"msg": r.msg}
		})},
		{"/dev/kmsg", false, true, func(list []kernelRecord) string {
			var out strings.Builder
			for i, r := range list {
				msg := strings.NewReplacer("\\", "\\x5c", "\n", "\\x0a").Replace(r.msg)
				fmt.Fprintf(&out, "%d,%d,%d,-;%s\n", r.level, i+100, r.us, msg)
			}
			return out.String()
		}},
	}
	for language, words := range locales {
		weekday, month, _ := strings.Cut(words, " ")
		list = append(list, form{"dmesg -T in " + language, true, false, indented(func(r kernelRecord) string {
			return "[" + weekday + " " + month + r.at().Format(" _2 15:04:05 2006") + "] "
		})})
	}
	return list
}

func levelWord(level int) string {
	return [...]string{"emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"}[level]
}

func journalForms() []form {
	short := stampedBy(classic, " node-17 kernel: ")
	return []form{
		{"journalctl", true, false, indented(short)},
		{"journalctl -o short-precise", true, false, indented(stampedBy(classic+".000000", " node-17 kernel: "))},
		{"journalctl -o short-iso", true, false, indented(stampedBy("2006-01-02T15:04:05-0700", " node-17 kernel: "))},
		{"journalctl -o short-iso-precise", true, false, indented(stampedBy(isoTime, " node-17 kernel: "))},
		{"journalctl -o short-full", true, false,
			indented(stampedBy("Mon 2006-01-02 15:04:05 UTC", " node-17 kernel: "))},
		{"journalctl -o short-monotonic", false, true,
			indented(func(r kernelRecord) string { return r.clock() + "node-17 kernel: " })},
		{"journalctl -o short-delta", false, true, indented(func(r kernelRecord) string {
			return strings.Replace(r.clock(), "]", " <    0.000003 >]", 1) + "node-17 kernel: "
		})},
		{"journalctl -o short-unix", true, false, indented(func(r kernelRecord) string {
			return fmt.Sprintf("%d.%06d node-17 kernel: ", r.at().Unix(), r.at().Nanosecond()/1000)
		})},
		{"journalctl -o with-unit", true, false,
			indented(stampedBy("Mon 2006-01-02 15:04:05 UTC", " node-17 kernel: "))},
		{"journalctl --no-hostname", true, false, indented(stampedBy(classic, " kernel: "))},
		{"journalctl -o cat", false, false, eachLine(func(kernelRecord) string { return "" }, nil)},
		{"journalctl -o json", true, true, objects(journalFields, "")},
		{"journalctl -o json-pretty", true, true, func(list []kernelRecord) string {
			var out strings.Builder
			for _, r := range list {
				text, _ := json.MarshalIndent(journalFields(r), "", "        ")
				out.WriteString(string(text) + "\n")
			}
			return out.String()
		}},
		{"journalctl -o json-sse", true, true, after(objects(journalFields, "data: "),
			func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n") })},
		{"journalctl -o json-seq", true, true, objects(journalFields, "\x1e")},
		{"journalctl -o json --output-fields=MESSAGE", true, false, objects(func(r kernelRecord) map[string]any {
			return map[string]any{"__CURSOR": "s=1", "__REALTIME_TIMESTAMP": fmt.Sprint(r.at().UnixMicro()),
				"_BOOT_ID": "7c3c", "MESSAGE": r.msg}
		}, "")},
		{"journalctl -o export", true, true, func(list []kernelRecord) string {
			var out strings.Builder
			for _, r := range list {
				for key, value := range journalFields(r) {
					text := value.(string)
					if strings.Contains(text, "\n") {
						n := len(text)
						out.WriteString(key + "\n" + string([]byte{byte(n), byte(n >> 8), 0, 0, 0, 0, 0, 0}) + text +
							"\n")
						continue
					}
					out.WriteString(key + "=" + text + "\n")
				}
				out.WriteString("\n")
			}
			return out.String()
		}},
		{"journalctl -o verbose", true, true, func(list []kernelRecord) string {
			var out strings.Builder
			for _, r := range list {
				fmt.Fprintf(&out, "%s [s=1;i=2;b=7c3c1f7a2f0e4d5f9d1b6a5a4c3b2a19;m=%x;t=%x;x=1]\n",
					r.at().Format("Mon 2006-01-02 15:04:05.000000 UTC"), r.us, r.at().UnixMicro())
				for key, value := range journalFields(r) {
					if !strings.HasPrefix(key, "__") {
						out.WriteString("    " + key + "=" + strings.ReplaceAll(value.(string),
							"\n", "\n            ") + "\n")
					}
				}
			}
			return out.String()
		}},
	}
}

func syslogForms() []form {
	clock := func(head func(kernelRecord) string) func([]kernelRecord) string {
		return eachLine(func(r kernelRecord) string { return head(r) + r.clock() }, nil)
	}
	return []form{
		{"syslog", true, true, clock(stampedBy(classic, " node-17 kernel: "))},
		{"syslog of imjournal", true, false, eachLine(stampedBy(classic, " node-17 kernel: "), nil)},
		{"syslog with its priority", true, true, clock(func(r kernelRecord) string {
			return fmt.Sprintf("<%d>", r.level) + r.at().Format(classic) + " node-17 kernel: "
		})},
		{"syslog in Russian", true, false,
			eachLine(func(r kernelRecord) string {
				return "ноя" + r.at().Format(" _2 15:04:05") +
					" node-17 kernel: "
			}, nil)},
		{"syslog with the year", true, true, clock(stampedBy("Jan _2 2006 15:04:05", " node-17 kernel: "))},
		{"RFC 5424", true, true, clock(func(r kernelRecord) string {
			return fmt.Sprintf("<%d>1 %s node-17 kernel - - - ", r.level, r.at().Format(isoTime))
		})},
		{"rsyslog", true, true, clock(stampedBy(isoTime, " node-17 kernel: "))},
		{"BusyBox", true, true, clock(func(r kernelRecord) string {
			return r.at().Format(classic) + " node-17 kern." + levelWord(r.level) + " kernel: "
		})},
		{"OpenWrt", true, true, clock(func(r kernelRecord) string {
			return r.at().Format(ctime) + " kern." + levelWord(r.level) + " kernel: "
		})},
		{"talosctl dmesg", true, false, eachLine(func(r kernelRecord) string {
			return fmt.Sprintf("172.20.0.2: kern: %7s: [%s]: ", levelWord(r.level),
				r.at().Format("2006-01-02T15:04:05.000000Z"))
		}, nil)},
		{"the word kernel alone", false, true, clock(func(kernelRecord) string { return "kernel: " })},
	}
}

func shipperForms() []form {
	with := func(key string, more ...any) func(kernelRecord) map[string]any {
		return func(r kernelRecord) map[string]any {
			m := map[string]any{key: r.clock() + r.msg, "timestamp": r.at().Format(time.RFC3339Nano)}
			for i := 0; i < len(more); i += 2 {
				m[more[i].(string)] = more[i+1]
			}
			return m
		}
	}
	return []form{
		{"Google Cloud, journald", true, false, objects(func(r kernelRecord) map[string]any {
			return map[string]any{"jsonPayload": map[string]any{"MESSAGE": r.msg, "SYSLOG_IDENTIFIER": "kernel",
				"_TRANSPORT": "kernel"},
				"timestamp": r.at().Format(time.RFC3339Nano)}
		}, "")},
		{"Google Cloud, text", true, true, objects(with("textPayload"), "")},
		{"Fluent Bit's kmsg input", true, false, objects(func(r kernelRecord) map[string]any {
			return map[string]any{"date": json.Number(fmt.Sprintf("%d.%06d", r.at().Unix(), r.at().Nanosecond()/1000)),
				"priority": r.level,
				"sequence": r.us, "sec": r.us / 1e6, "usec": r.us % 1e6, "msg": r.msg}
		}, "")},
		{"Elasticsearch", true, true, documents("hits", func(r kernelRecord) map[string]any {
			return map[string]any{"_source": map[string]any{"@timestamp": r.at().Format(time.RFC3339Nano),
				"message": r.clock() + r.msg}}
		})},
		{"Azure", true, true, documents("", func(r kernelRecord) map[string]any {
			return map[string]any{"TimeGenerated": r.at().Format(time.RFC3339Nano), "Facility": "kern",
				"SyslogMessage": r.clock() + r.msg, "Computer": "node-17"}
		})},
		{"CloudWatch of syslog", true, true, documents("events", func(r kernelRecord) map[string]any {
			return map[string]any{"timestamp": r.at().UnixMilli(), "message": r.at().Format(classic) +
				" node-17 kernel: " + r.clock() + r.msg}
		})},
	}
}

func peopleForms() []form {
	dmesg := indented(func(r kernelRecord) string { return r.clock() })
	ctimes := indented(stampedBy("["+ctime+"]", " "))
	journal := eachLine(stampedBy(classic+".000000", " node-17 kernel: "), nil)
	return []form{
		{"reversed dmesg", false, true, after(eachLine(func(r kernelRecord) string { return r.clock() }, nil),
			reversed)},
		{"journalctl -r", true, false, after(journal, reversed)},
		{"folded at 80", false, true, after(dmesg, folded(80))},
		{"a journal folded at 80", true, false, after(journal, folded(80))},
		{"folded at 132", false, true, after(dmesg, folded(132))},
		{"quoted dmesg -T", true, false, after(ctimes, prefixed("> "))},
		{"quoted journal", true, false, after(journal, prefixed("> "))},
		{"indented journal", true, false, after(journal, prefixed("    "))},
		{"grep -n of syslog", true, false, after(journal, numbered("%d:"))},
		{"cat -n of dmesg", false, true, after(dmesg, numbered("%6d\t"))},
		{"a page's source", true, false, after(journal,
			func(s string) string { return "<pre>\n" + html.EscapeString(s) + "</pre>\n" })},
		{"a block of code with words around it", true, false, after(journal, func(s string) string {
			return "Hi, our gateway dies every night. This is what the host says:\n\n```text\n" + s +
				"```\n\nAny idea?\n"
		})},
		{"grep's hits alone", false, true, after(dmesg, func(s string) string {
			var out []string
			for line := range strings.SplitSeq(s, "\n") {
				if strings.Contains(line, "oom") || strings.Contains(line, "illed process") ||
					strings.Contains(line, "Task in") {
					out = append(out, line)
				}
			}
			return strings.Join(out, "\n") + "\n"
		})},
	}
}

// sharedForms are those in which any log reaches a person, around dmesg's lines. Headers
// of another program make the lines that program's, so those are left out.
func sharedForms() (list []form) {
	foreign := regexp.MustCompile(`^(journalctl|RFC|rsyslog|syslog|BusyBox|OpenWrt|priority|frames|rich|the journal|supervisord|Heroku)|\[812\]|, journald|in CRI|Azure|talosctl`)
	for _, f := range envelopetest.All() {
		if foreign.MatchString(f.Name) || f.Lossy {
			continue
		}
		list = append(list, form{f.Name, f.Timed, true, func(records []kernelRecord) string {
			var log []envelopetest.Entry
			for _, r := range records {
				for line := range strings.SplitSeq(r.msg, "\n") {
					log = append(log, envelopetest.Entry{At: r.at(), Text: r.clock() + line})
				}
			}
			return string(f.Frame(log))
		}})
	}
	return list
}

// wrongIn lists what a reader got wrong of the kills of a log in a form.
func wrongIn(f form, records []kernelRecord, want []wantKill) (wrong []string) {
	log, err := Read(strings.NewReader(f.text(records)), Options{Zone: time.UTC, Near: formBoot.Add(48 * time.Hour)})
	if err != nil || len(log.Kills) != len(want) {
		return []string{fmt.Sprintf("%d kills instead of %d (%v)", len(log.Kills), len(want), err)}
	}
	killedAt := map[int]kernelRecord{}
	for _, r := range records {
		if k, ok := parseKill([]byte(r.msg)); ok && !k.candidate {
			killedAt[k.pid] = r
		}
	}
	for i, w := range want {
		k := log.Kills[i]
		r, got := killedAt[w.PID], brief(k)
		if got.PID != w.PID || got.Comm != w.Comm || got.Container != w.Container || got.Scope != w.Scope {
			wrong = append(wrong, fmt.Sprintf("pid %d %q %s of %q", got.PID, got.Comm, got.Scope, got.Container))
		}
		if f.wall && (k.At == nil || k.At.Sub(r.at()).Abs() > time.Second) {
			wrong = append(wrong, fmt.Sprintf("at %v, want %v", k.At, r.at()))
		}
		if f.clock && (k.BootSeconds == nil || *k.BootSeconds != seconds(r.us)) {
			wrong = append(wrong, fmt.Sprintf("boot %v, want %v", k.BootSeconds, seconds(r.us)))
		}
	}
	return wrong
}

// TestForms measures how many of the forms in which people bring a kernel log are read
// right: every kill, its process, container, scope and the times that the form has.
func TestForms(t *testing.T) {
	forms := slices.Concat(dmesgForms(), journalForms(), syslogForms(), shipperForms(), peopleForms(), sharedForms())
	read, all := 0, 0
	for _, name := range formLogs {
		records := recordsOf(t, name)
		if len(corpusKills[name]) == 0 || len(records) < 30 {
			t.Fatalf("%s has no kills to find", name)
		}
		for _, f := range forms {
			all++
			if wrong := wrongIn(f, records, corpusKills[name]); len(wrong) > 0 {
				t.Logf("%s as %s: %s", name, f.name, strings.Join(wrong, "; "))
				continue
			}
			read++
		}
	}
	t.Logf("%d forms, %d of %d logs read right", len(forms), read, all)
	if 100*read < 97*all {
		t.Errorf("only %d of %d logs were read right", read, all)
	}
}

// TestFormsAreFramed: a form that leaves the log as it is would measure nothing.
func TestFormsAreFramed(t *testing.T) {
	records := recordsOf(t, formLogs[0])
	seen := map[string]string{}
	for _, f := range slices.Concat(dmesgForms(), journalForms(), syslogForms(), shipperForms(), peopleForms()) {
		text := f.text(records)
		if !strings.Contains(text, "Killed process") && !bytes.Contains([]byte(text), []byte("Killed")) {
			t.Errorf("%s holds no kill", f.name)
		}
		seen[f.name] = text
	}
	if len(seen) < 60 {
		t.Errorf("only %d forms", len(seen))
	}
}
