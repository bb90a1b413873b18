package diagnose

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact"
)

// recordedBundles lists every recorded bundle by name, made anew at each call.
func recordedBundles(t *testing.T) map[string]func() *bundle.Bundle {
	t.Helper()
	all := map[string]func() *bundle.Bundle{}
	traps, err := filepath.Glob(filepath.Join("..", "fixtures", "traps", "*.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(incidents(t), traps...) {
		all[filepath.Base(path)] = func() *bundle.Bundle {
			b, err := bundle.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
	records, err := filepath.Glob(filepath.Join("..", "fixtures", "records", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range records {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		r := readRecord(t, name)
		for moment := range r.Inspect {
			all[name+"@"+moment] = func() *bundle.Bundle { return bundleOf(t, r, moment) }
		}
	}
	if len(all) < 150 {
		t.Fatalf("only %d recorded bundles", len(all))
	}
	return all
}

// judged is what a diagnosis says, without the words that it quotes.
func judged(t *testing.T, b *bundle.Bundle) string {
	t.Helper()
	d := Diagnose(b)
	var s strings.Builder
	fmt.Fprintf(&s, "%s %s %.6f, ended by %s\n", d.Verdict.Kind, d.Verdict.Cause, d.Verdict.Confidence, d.Death.EndedBy)
	for _, c := range d.Causes {
		fmt.Fprintf(&s, "%s %.6f\n", c.ID, c.Confidence)
	}
	fmt.Fprintln(&s, strings.Join(findingIDs(d), "\n"))
	return s.String()
}

// TestRedactionChangesNoDiagnosis: every recorded bundle is judged alike before and
// after redaction, as it was recorded, with secrets where masks stood, and with a
// secret of some shape after every third line of its logs.
func TestRedactionChangesNoDiagnosis(t *testing.T) {
	secrets, masks := secretLines(t), 0
	for name, open := range recordedBundles(t) {
		for _, c := range []struct {
			what  string
			leaky func(*bundle.Bundle)
		}{
			{"as recorded", func(*bundle.Bundle) {}},
			{"with values in its environment", unmask},
			{"with secrets in its logs", func(b *bundle.Bundle) { salt(b, secrets) }},
		} {
			b := open()
			c.leaky(b)
			before := judged(t, b)
			redact.Bundle(b)
			for _, m := range b.Manifest().Masked {
				masks += m.Count
			}
			if diff := cmp.Diff(before, judged(t, b)); diff != "" {
				t.Errorf("%s, %s: redaction changes the diagnosis (-before +after):\n%s", name, c.what, diff)
			}
		}
	}
	if masks < 1000 {
		t.Errorf("only %d secrets were masked: the test proves nothing", masks)
	}
}

// unmask puts a secret wherever an earlier redaction put its mask.
func unmask(b *bundle.Bundle) {
	b.Update(func(_ *bundle.Manifest, files map[string][]byte) {
		for name, data := range files {
			n := 0
			for bytes.Contains(data, []byte("<masked>")) {
				n++
				data = bytes.Replace(data, []byte("<masked>"), fmt.Appendf(nil, "tr0ub4dor-%d-cnry", n), 1)
			}
			files[name] = data
		}
	})
}

// salt puts a line with a secret after every third line of the logs.
func salt(b *bundle.Bundle, secrets []string) {
	b.Update(func(_ *bundle.Manifest, files map[string][]byte) {
		log, n := files[bundle.FileLogs], 0
		var out bytes.Buffer
		for line := range bytes.Lines(log) {
			out.Write(line)
			head := bytes.SplitN(line, []byte(" "), 4)
			if n++; n%3 == 0 && len(head) == 4 && string(head[2]) == "F" {
				fmt.Fprintf(&out, "%s %s F %s\n", head[0], head[1], secrets[n/3%len(secrets)])
			}
		}
		if len(log) > 0 {
			files[bundle.FileLogs] = out.Bytes()
		}
	})
}

// secretLines are the shapes of one line that the masker is measured with.
func secretLines(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("bundle", "redact", "testdata", "shapes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSuffix(line, "\n"); strings.Contains(line, "⟦") &&
			json.Valid([]byte(`"`+strings.NewReplacer(`\`, "", `"`, "").Replace(line)+`"`)) {
			list = append(list, strings.NewReplacer("⟦", "", "⟧", "").Replace(line))
		}
	}
	if len(list) < 400 {
		t.Fatalf("only %d lines", len(list))
	}
	return list
}
