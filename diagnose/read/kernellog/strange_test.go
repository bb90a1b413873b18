package kernellog

import (
	"encoding/json"
	"fmt"
	"mime/quotedprintable"
	"slices"
	"strings"
	"testing"
	"time"
)

// strangeForms are ways in which a dump reaches a person that are no line a record, or several to one.
func strangeForms(lines []string) map[string]string {
	text := strings.Join(lines, "\n") + "\n"
	var mail strings.Builder
	w := quotedprintable.NewWriter(&mail)
	if _, err := w.Write([]byte("x = y \n" + text)); err != nil || w.Close() != nil {
		panic(err) // of a test's own text
	}
	quoted := func(s string) string { b, _ := json.Marshal(s); return string(b) }
	noise := strings.Repeat("some line of another log\n", 8000)
	forms := map[string]string{
		"quoted-printable": mail.String(),
		"a mail's editor":  wrapped(lines, 72, "> "),
		"one long string":  `{"host":"n7","dmesg_output":` + quoted(noise+text) + "}\n",
		"one long string in a document": "{\n \"sections\": [\n  {\n   \"name\": \"dmesg\",\n   \"content\": " +
			quoted(noise+text) + "\n  }\n ]\n}\n",
		"the output of a command":       `{"rc":0,"stdout":` + quoted(text) + "}\n",
		"the output under another name": "{\n \"CommandId\": \"x\",\n \"StandardOutputContent\": " + quoted(text) + "\n}\n",
	}
	for _, width := range []int{80, 100, 113, 132} {
		forms[fmt.Sprintf("folded at %d", width)] = foldedText(lines, width)
	}
	csv, array := "timestamp,message,detail\n", "["
	for i, l := range lines {
		csv += "2026-11-25T14:02:11Z,kernel event,\"" + strings.ReplaceAll(l, `"`, `""`) + "\"\n"
		key := []string{"message", "m"}[i%2]
		array += `{"kind":"marker","n":1},{"timestamp":"2026-11-25T14:02:11Z",` + quoted(key) + ":" + quoted(l) + "},"
	}
	forms["another column"] = csv
	forms["an array of several kinds"] = array[:len(array)-1] + "]\n"
	return forms
}

func foldedText(lines []string, width int) string {
	var out strings.Builder
	for _, l := range lines {
		for ; len(l) > width; l = l[width:] {
			out.WriteString(l[:width] + "\n")
		}
		out.WriteString(l + "\n")
	}
	return out.String()
}

// wrapped breaks lines between words.
func wrapped(lines []string, width int, quote string) string {
	out := "Hello,\n\nthis is what it says:\n\n"
	for _, l := range lines {
		row := quote
		for i, word := range strings.SplitAfter(l, " ") {
			if i > 0 && len(row)+len(strings.TrimRight(word, " ")) > width {
				out += strings.TrimRight(row, " ") + "\n"
				row = quote
			}
			row += word
		}
		out += row + "\n"
	}
	return out + "\nJane\n"
}

// TestStrangeForms: a dump is read whole, with its container and its table, in forms that have no line a record.
func TestStrangeForms(t *testing.T) {
	var lines []string
	for i := range 6 {
		lines = append(lines, fmt.Sprintf("[  %d.456789] eth%d: link is up", 100+i, i))
	}
	for _, record := range dumpOf() {
		for line := range strings.SplitSeq(record, "\n") {
			lines = append(lines, "[  123.456789] "+line)
		}
	}
	lines = append(lines, "[  140.456789] eth0: link is down", "[  141.456789] eth0: link is up")
	for name, text := range strangeForms(lines) {
		log := read(t, text, Options{Zone: time.UTC})
		if len(log.Kills) != 1 || log.Kills[0].PID != 12 || log.Kills[0].Container == nil || len(log.Kills[0].Tasks) != 1 {
			t.Errorf("%s: %+v, %+v", name, log.Kills, log.Notes)
		}
	}
}

// TestUnclearZone: a zone's word that several places have is named once.
func TestUnclearZone(t *testing.T) {
	for zone, want := range map[string]bool{"IST": true, "CST": true, "CET": false, "UTC": false} {
		line := "Wed 2026-11-25 14:02:11 " + zone + " node-7 kernel: " + killed(12, "java") + "\n"
		log := read(t, line+line, Options{Zone: time.UTC})
		named := 0
		for _, n := range log.Notes {
			if strings.Contains(n.Detail, zone+", is that of several places") {
				named++
			}
		}
		if (named == 1) != want {
			t.Errorf("%s: %+v", zone, log.Notes)
		}
	}
}

// TestNewestFirstWithinASecond: a dump whose lines have one time is turned round by the order in which a kernel prints
// them, so that its table is not lost; one in its order is not, and neither is one whose clock goes an hour back.
func TestNewestFirstWithinASecond(t *testing.T) {
	var lines []string
	for _, record := range dumpOf() {
		lines = append(lines, strings.Split(record, "\n")...)
	}
	for name, stamp := range map[string]func(i int) string{
		"newest first":   func(int) string { return "Nov 25 14:02:11" },
		"an hour back":   func(i int) string { return fmt.Sprintf("2026-10-25T0%d:59:59+0000", 2-2*i/len(lines)) },
		"in their order": func(int) string { return "Nov 25 14:02:11" },
	} {
		var log []string
		for i, l := range lines {
			log = append(log, stamp(i)+" node-7 kernel: "+l)
		}
		if name == "newest first" {
			slices.Reverse(log)
		}
		got := read(t, strings.Join(log, "\n")+"\n", Options{Zone: time.UTC, Near: formBoot})
		if len(got.Kills) != 1 || got.Kills[0].Container == nil || len(got.Kills[0].Tasks) != 1 {
			t.Errorf("%s: %+v, %+v", name, got.Kills, got.Notes)
		}
		if hasNote(got, NoteTurned) != (name == "newest first") {
			t.Errorf("%s: %+v", name, got.Notes)
		}
	}
}
