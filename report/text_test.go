package report

import (
	"bytes"
	"errors"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; `go test ./report -update` rewrites it):\n%s", name, diff)
	}
}

// TestTextGoldens prints recorded incidents, as a person sees them.
func TestTextGoldens(t *testing.T) {
	oom, undecided := demo(t, "oom-gateway-leak"), demo(t, "host-kill9")
	hostile := oomDiagnosis()
	poison(&hostile)
	for name, test := range map[string]struct {
		report answer.Report
		style  layout.Style
	}{
		"oom.txt":          {oom, layout.Style{}},
		"oom-verbose.txt":  {oom, layout.Style{Verbose: true, Width: 100}},
		"oom-narrow.txt":   {oom, layout.Style{Width: 10}},
		"undetermined.txt": {undecided, layout.Style{}},
		"unhealthy.txt":    {demo(t, "probe-hangs-on-redis"), layout.Style{}},
		"healthy.txt":      {demo(t, "healthy-running"), layout.Style{}},
		"several.txt":      {demo(t, "oom-gateway-leak", "host-kill9", "healthy-running"), layout.Style{}},
		"chain.txt":        {chained(), layout.Style{}},
		"none.txt":         {reportOf(), layout.Style{}},
		"hostile.txt":      {reportOf(hostile), layout.Style{}},
		"colour.txt":       {oom, layout.Style{Color: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := renderText(&out, test.report, test.style); err != nil {
				t.Fatal(err)
			}
			golden(t, name, out.Bytes())
		})
	}
}

// TestSampleOddsAreOdds: the made-up diagnoses that other tests use could be.
func TestSampleOddsAreOdds(t *testing.T) {
	for name, d := range map[string]answer.Diagnosis{"oom": oomDiagnosis(), "undetermined": undetermined()} {
		sum := 0.0
		for _, c := range d.Causes {
			sum += c.Confidence
		}
		for _, a := range d.Alternatives {
			sum += a.Confidence
		}
		if math.Abs(sum-1) > 1e-3 {
			t.Errorf("%s: the odds sum to %.3f", name, sum)
		}
	}
}

// TestTextKeepsItsWidth: only lines to be copied (commands, snippets) may be longer.
func TestTextKeepsItsWidth(t *testing.T) {
	d := oomDiagnosis()
	poison(&d)
	d.Sources[2].Command, d.Causes[0].Fixes = "", nil
	for _, width := range []int{60, 80, 133} {
		var out bytes.Buffer
		if err := renderText(&out, reportOf(d, undetermined()), layout.Style{Width: width, Verbose: true}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(out.String(), "\n") {
			if layout.Cells(line) > width && !oneWord(line) {
				t.Errorf("width %d: line of %d columns: %s", width, layout.Cells(line), line)
			}
			if strings.HasSuffix(line, " ") {
				t.Errorf("width %d: blank at the end of %q", width, line)
			}
		}
	}
}

// oneWord tells whether a line is wide because of its last word, which is long and stays whole.
func oneWord(line string) bool {
	const long = 24
	return layout.Cells(line[strings.LastIndexByte(line, ' ')+1:]) > long
}

// poison puts what a terminal obeys into every text of a diagnosis.
func poison(d *answer.Diagnosis) {
	const bad = "\x1b]0;owned\a\x1b[2J\u202egpj.\u202c\u009b31m\x00\xff\r\nFAKE VERDICT\u200b"
	for _, s := range []*string{
		&d.Target.Name, &d.Target.Image, &d.Target.Project, &d.Verdict.Summary, &d.Death.Chain[0], &d.Death.Reason,
		&d.Causes[0].Title, &d.Causes[0].Findings[0].Summary, &d.Causes[0].Findings[0].Excerpt,
		&d.Causes[0].Findings[0].Source,
		&d.Causes[0].Fixes[0].Title, &d.Causes[0].Fixes[0].Snippet, &d.Causes[0].Missing[0].Source, &d.Timeline[15].What,
		&d.Sources[0].Detail, &d.Sources[2].Command, &d.Masked[0].Kind, &d.LogTail[0].Text,
	} {
		*s = bad + *s
	}
	d.Target.ID = "\x1b[31m" + d.Target.ID
	d.Target.Name += strings.Repeat("long", 2500)
}

func terminalObeys(r rune) bool {
	switch {
	case r == '\n':
		return false
	case r < ' ', r >= 0x7f && r < 0xa0, r == 0xfffd, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e,
		r >= 0x2066 && r <= 0x2069:
		return r != 0xfffd // JSON's own word for a bad byte
	}
	return false
}

// TestColourIsOnlyColour: the same words with and without, so nothing is told by
// a hue alone.
func TestColourIsOnlyColour(t *testing.T) {
	var plain, coloured bytes.Buffer
	report := reportOf(oomDiagnosis(), undetermined())
	if err := errors.Join(renderText(&plain, report, layout.Style{}),
		renderText(&coloured, report, layout.Style{Color: true})); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(coloured.String(), "\x1b[") || strings.Contains(plain.String(), "\x1b") {
		t.Fatal("Style.Color does not decide about colour")
	}
	if diff := cmp.Diff(plain.String(), stripHues(coloured.String())); diff != "" {
		t.Errorf("-plain +coloured without its codes:\n%s", diff)
	}
}

func stripHues(s string) string {
	var out strings.Builder
	for s != "" {
		before, after, found := strings.Cut(s, "\x1b[")
		out.WriteString(before)
		if !found {
			break
		}
		_, s, _ = strings.Cut(after, "m")
	}
	return out.String()
}

func TestAround(t *testing.T) {
	moments := func(seconds ...float64) (list []answer.Moment) {
		for _, s := range seconds {
			list = append(list, answer.Moment{At: *at(s)})
		}
		return list
	}
	many := moments(-20, -19, -18, -17, -16, -15, -14, -13, -12, -11, 0, 1, 2, 3, 4, 5)
	for name, test := range map[string]struct {
		list                 []answer.Moment
		first, last          float64
		shown, before, after int
	}{
		"few":              {moments(-1, 0, 1), -1, 1, 3, 0, 0},
		"many":             {many, -18, 3, 12, 2, 2},
		"all before":       {many[:11], -20, 0, 11, 0, 0},
		"nearly all after": {moments(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13), 0, 11, 12, 0, 2},
	} {
		shown, before, after := around(test.list, end, maxMoments)
		if len(shown) != test.shown || before != test.before || after != test.after ||
			!shown[0].At.Equal(*at(test.first)) || !shown[len(shown)-1].At.Equal(*at(test.last)) {
			t.Errorf("%s: %d shown from %s to %s, %d before, %d after", name, len(shown),
				relative(shown[0].At.Sub(end)), relative(shown[len(shown)-1].At.Sub(end)), before, after)
		}
	}
}

func TestRelative(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0 s": -20 * time.Millisecond, "+0.1 s": 100 * time.Millisecond, "-12.5 s": -12500 * time.Millisecond,
		"-1 min 1 s": -61 * time.Second,
		"+2 h 3 min": 2*time.Hour + 3*time.Minute, "-3 days": -76 * time.Hour,
	} {
		if got := relative(d); got != want {
			t.Errorf("relative(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestPercentNeverSaysCertain(t *testing.T) {
	for p, want := range map[float64]string{0: "<1 %", 0.004: "<1 %", 0.01: "1 %", 0.5: "50 %", 0.981: "98 %",
		0.9999: ">99 %", 1: ">99 %"} {
		if got := percent(p); got != want {
			t.Errorf("percent(%v) = %q, want %q", p, got, want)
		}
	}
}

// TestRankedMergesBothLists: an alternative that is likelier than every cause
// stands first.
func TestRankedMergesBothLists(t *testing.T) {
	var got []string
	for _, e := range ranked(undetermined())[:3] {
		got = append(got, e.ID)
	}
	if diff := cmp.Diff([]string{"something-else", "oom-kill", "healthcheck-timeout"}, got); diff != "" {
		t.Error(diff)
	}
	if n := len(ranked(oomDiagnosis())); n != 12 {
		t.Errorf("%d lines in the ranking, want ten causes and two alternatives", n)
	}
}

// TestReadSoFar: what runs over and had lost the end is named, never "every source was read".
func TestReadSoFar(t *testing.T) {
	end := time.Date(2026, 11, 27, 0, 40, 57, 0, time.UTC)
	later, earlier := end.Add(time.Minute), end.Add(-time.Hour)
	for _, tt := range []struct {
		name    string
		sources []answer.Source
		want    string
	}{
		{"whole", []answer.Source{{Name: fact.SourceEvents, Status: fact.StatusCollected, From: &earlier},
			{Name: fact.SourceNeighbours, Status: fact.StatusAbsent}}, "every source that could be read was read."},
		{"lost", []answer.Source{{Name: fact.SourceEvents, Status: fact.StatusCollected, From: &later},
			{Name: fact.SourceLogs, Status: fact.StatusTruncated}}, "events and logs had lost a part already"},
		{"shut", []answer.Source{{Name: fact.SourceKernelLog, Status: fact.StatusDenied}}, "every source that could be read"},
	} {
		d := answer.Diagnosis{Sources: tt.sources}
		d.Death.At = &end
		if got := readSoFar(d); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}
