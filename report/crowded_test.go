package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// crowded is a project of 200 services with names of 60 letters, two of them written from right to left. Three failed,
// of one no time is known.
func crowded() answer.Report {
	list := crowd(197).Diagnoses
	for i := range list {
		list[i].Target.Name = fmt.Sprintf("shop-production-europe-central-%020d-replica", i)
		list[i].Target.Project, list[i].Target.Service = "shop", list[i].Target.Name
	}
	for _, name := range []string{strings.Repeat("gateway-", 7) + "main", "שער-תשלומים", "بوابة\u202eexe.txt"} {
		d := oomDiagnosis()
		d.Target.ID, d.Target.Name, d.Target.Project, d.Target.Service = name, name, "shop", name
		list = append(list, d)
	}
	timeless := &list[len(list)-1]
	timeless.Death.At, timeless.Timeline, timeless.CapturedAt, timeless.Lanes = nil, nil, time.Time{}, answer.Lanes{}
	r := reportOf(list...)
	return r
}

// TestCrowdedInEveryForm: long names, names from right to left, 200 services, no times, 40 columns: every form is
// written, says what failed with whole names, and lets nothing turn the direction of what follows.
func TestCrowdedInEveryForm(t *testing.T) {
	gateway := strings.Repeat("gateway-", 7) + "main"
	for _, f := range Formats() {
		for _, width := range []int{1, 40, 80, 250} {
			if f.Name != FormatText && width != 80 {
				continue // only the text asks for the width
			}
			out := rendered(t, crowded(), func(w *bytes.Buffer, r answer.Report) error {
				return f.Write(w, r, layout.Style{Width: width})
			})
			if strings.ContainsAny(out, "\u202e\u202d\u2066\u2067\u2068") && f.Syntax != sanitize.JSON {
				t.Errorf("%s, %d columns: a text turns the direction of what follows", f.Name, width)
			}
			if !strings.Contains(strings.ReplaceAll(out, "<wbr>", ""), gateway) {
				t.Errorf("%s, %d columns: no whole name of what failed", f.Name, width)
			}
			if f.Syntax == sanitize.JSON && !json.Valid([]byte(out)) {
				t.Errorf("%s is no JSON", f.Name)
			}
		}
	}
	text := textOf(t, crowded(), layout.Style{Width: 40})
	for line := range strings.Lines(text) {
		if n := layout.Cells(strings.TrimRight(line, "\n")); n > 40 && len(strings.Fields(line)) > 2 &&
			!strings.Contains(line, "docker ") {
			t.Errorf("%d columns of 40: %q", n, line)
		}
	}
}

// TestCrowdedPage: of many containers those that are well have a row only, what failed has its section, and the page
// says so.
func TestCrowdedPage(t *testing.T) {
	page := rendered(t, crowded(), func(w *bytes.Buffer, r answer.Report) error {
		return renderHTML(w, r, layout.Style{})
	})
	if n := strings.Count(page, `<tr><th scope="row">`); n < 200 {
		t.Errorf("%d rows of 200", n)
	}
	if n := strings.Count(page, `<article`); n != maxSections {
		t.Errorf("%d sections", n)
	}
	contains(t, "the page", page, "180 containers in which nothing failed have a row only", `href="#c3"`)
	few := rendered(t, reportOf(crowded().Diagnoses[:5]...), func(w *bytes.Buffer, r answer.Report) error {
		return renderHTML(w, r, layout.Style{})
	})
	if strings.Contains(few, "a row only") {
		t.Error("five containers that are well have sections")
	}
}
