package report

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose"
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/report/layout"
)

// recordedBundles are all incidents, traps and bundles from the field, by their path.
func recordedBundles(t testing.TB) []string {
	t.Helper()
	var list []string
	for _, pattern := range []string{"incidents/*/manifest.json", "traps/*.tar.gz", "field/bundles/*.tar.gz"} {
		found, err := filepath.Glob(filepath.Join("../fixtures", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d found: %v", pattern, len(found), err)
		}
		for _, path := range found {
			list = append(list, strings.TrimSuffix(path, "/manifest.json"))
		}
	}
	return list
}

// recordedReport diagnoses one recorded bundle.
func recordedReport(t testing.TB, path string) answer.Report {
	t.Helper()
	b, err := bundle.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return diagnose.Report([]answer.Diagnosis{diagnose.Diagnose(b)}, "test", time.Unix(0, 0).UTC())
}

// TestOneScreen: whatever was recorded, its page has 45 lines of 80 columns at most, and
// nothing that somebody copies is cut.
func TestOneScreen(t *testing.T) {
	for _, path := range recordedBundles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			r := recordedReport(t, path)
			text := textOf(t, r, layout.Style{})
			if n := strings.Count(text, "\n"); n > screenLines {
				t.Errorf("%d lines", n)
			}
			for line := range strings.SplitSeq(text, "\n") {
				if layout.Cells(line) > layout.DefaultWidth {
					t.Errorf("%d columns: %s", layout.Cells(line), line)
				}
			}
			cutsNothing(t, r, text)
			narrow(t, r)
		})
	}
}

func textOf(t testing.TB, r answer.Report, s layout.Style) string {
	t.Helper()
	var out bytes.Buffer
	if err := renderText(&out, r, s); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// copied are words that people copy: ids, paths, images, addresses.
var copied = regexp.MustCompile(`[\w.@%+~:-]*(?:/[\w.@%+~:-]+)+|\b[0-9a-f]{12,64}\b|[\w-]+[.:_-][\w.:_-]*\w`)

// clockWord is a time of day, which a page tells to the second and -v to the millisecond.
var clockWord = regexp.MustCompile(`^\d\d:\d\d:\d\d$`)

// cutsNothing holds every such word of a page against the words of the document: it is
// one of them, whole, or does not stand there at all.
func cutsNothing(t *testing.T, r answer.Report, text string) {
	t.Helper()
	var doc bytes.Buffer
	if err := Write(&doc, FormatText, r, layout.Style{Verbose: true, Width: 5000}); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, word := range strings.Fields(doc.String()) {
		known[word] = true
	}
	for _, word := range strings.Fields(text) {
		if copied.FindString(word) != word || known[word] || clockWord.MatchString(word) {
			continue
		}
		for whole := range known {
			if strings.HasPrefix(whole, word) || strings.HasSuffix(whole, word) {
				t.Errorf("%q is a piece of %q", word, whole)
				return
			}
		}
	}
}

// narrow holds a page of 40 columns: what is wider is one word, or a line of code.
func narrow(t *testing.T, r answer.Report) {
	t.Helper()
	const width = 40
	for line := range strings.SplitSeq(textOf(t, r, layout.Style{Width: width}), "\n") {
		snippet := strings.HasPrefix(line, "         ")
		if layout.Cells(line) > width && !oneWord(line) && !snippet {
			t.Errorf("%d columns of %d: %s", layout.Cells(line), width, line)
		}
	}
}
