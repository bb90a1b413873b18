package report

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/report/layout"
	"github.com/gwdoctor/gwdoctor/report/sanitize"
)

// FuzzRender renders a stranger's report.json in one of the formats: no panic, nothing
// that a terminal or a CI runner obeys, and JSON that is JSON.
func FuzzRender(f *testing.F) {
	for _, r := range []answer.Report{reportOf(undetermined()), reportOf(oomDiagnosis()), chained(), {}} {
		data, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		for which := range formats {
			f.Add(data, uint8(which))
		}
	}
	f.Add([]byte(`{"schemaVersion":1,"diagnoses":[{"target":{"name":"\u001b[31m::error::x"},"verdict":{"kind":"cause","confidence":1e308},"death":{"at":"9999-12-31T23:59:59Z"},"causes":[{"findings":[{}]}]}]}`), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		r, err := answer.ParseReport(data)
		if err != nil {
			return
		}
		format := formats[int(which)%len(formats)]
		out, fault := written(format, r, layout.Style{Verbose: true})
		if fault != "" {
			return // a time or number that the format's library refuses: said, not printed
		}
		plain := strings.ReplaceAll(out, "\t", "")
		if i := strings.IndexFunc(plain, terminalObeys); i >= 0 {
			t.Errorf("%s: the output holds %q", format.Name, plain[i:min(len(plain), i+20)])
		}
		if list := commands(format.Syntax, out); len(list) > 0 && format.Syntax != sanitize.JSON {
			t.Errorf("%s: a runner obeys %q", format.Name, list[0])
		}
		if format.Syntax == sanitize.JSON && !json.Valid([]byte(out)) {
			t.Errorf("%s: no JSON: %.200q", format.Name, out)
		}
	})
}
