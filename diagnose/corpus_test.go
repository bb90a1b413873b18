package diagnose

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
	"github.com/gwdoctor/gwdoctor/diagnose/cause"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
	"github.com/gwdoctor/gwdoctor/fixtures/record"
)

func incidents(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join("..", "fixtures", "incidents", "*", bundle.FileManifest))
	if err != nil {
		t.Fatal(err)
	}
	for i := range dirs {
		dirs[i] = filepath.Dir(dirs[i])
	}
	return dirs
}

// TestCorpus diagnoses every recorded incident.
func TestCorpus(t *testing.T) {
	for _, dir := range incidents(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, "expect.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want record.Expectation
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			b, err := bundle.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			verify(t, Diagnose(b), want)
		})
	}
}

func verify(t *testing.T, d answer.Diagnosis, want record.Expectation) {
	t.Helper()
	if d.Verdict.Kind != want.Kind || d.Verdict.Reason() != want.Cause+want.Other {
		t.Errorf("verdict %q %q (%.3f: %s), want %q %q", d.Verdict.Kind, d.Verdict.Reason(), d.Verdict.Confidence,
			d.Verdict.Summary, want.Kind, want.Cause+want.Other)
	}
	if want.EndedBy != "" && d.Death.EndedBy != want.EndedBy {
		t.Errorf("ended by %q (%s), want %q", d.Death.EndedBy, d.Death.Reason, want.EndedBy)
	}
	found := findingIDs(d)
	for _, id := range want.MustFind {
		if !slices.Contains(found, id) {
			t.Errorf("finding %q is missing from %q", id, found)
		}
	}
	for _, id := range want.MustNotFind {
		if slices.Contains(found, id) {
			t.Errorf("finding %q must not be there", id)
		}
	}
}

func findingIDs(d answer.Diagnosis) []string {
	var ids []string
	for _, c := range d.Causes {
		for _, f := range c.Findings {
			ids = append(ids, f.ID)
		}
	}
	for _, a := range d.Alternatives {
		for _, f := range a.Findings {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

// TestCorpusIsWhole: each cause has two incidents, and there are ten innocents.
func TestCorpusIsWhole(t *testing.T) {
	count := map[string]int{}
	for _, dir := range incidents(t) {
		want := expectation(t, dir)
		if want.Kind == fact.VerdictCause {
			count[want.Cause]++
		} else {
			count["innocent"]++
		}
	}
	for _, c := range cause.All() {
		if count[c.ID] < 2 {
			t.Errorf("%d incidents of %s, want two at least", count[c.ID], c.ID)
		}
	}
	if count["innocent"] < 10 {
		t.Errorf("%d innocents, want ten at least", count["innocent"])
	}
}

// TestLevelsAreListed: no rule weighs what its page does not say, on any incident or record.
func TestLevelsAreListed(t *testing.T) {
	var bundles []*bundle.Bundle
	for _, dir := range incidents(t) {
		b, err := bundle.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		bundles = append(bundles, b)
	}
	records, err := filepath.Glob(filepath.Join("..", "fixtures", "records", "*.json"))
	if err != nil || len(records) == 0 {
		t.Fatalf("%d records (%v)", len(records), err)
	}
	for _, path := range records {
		bundles = append(bundles, bundleOf(t, readRecord(t, strings.TrimSuffix(filepath.Base(path), ".json")), record.Final))
	}
	seen, others := 0, 0
	for _, b := range bundles {
		c := caseOf(b)
		for _, h := range append(cause.All(), cause.Alternatives()...) {
			for _, rule := range h.Rules {
				for _, o := range rule.See(c) {
					if _, ok := rule.Level(o.Level); !ok {
						t.Errorf("%s: rule %s weighs by a level %q that it does not list", b.Manifest().Target.Name, rule.ID, o.Level)
					}
					if seen++; o.Level != "" {
						others++
					}
				}
			}
		}
	}
	if seen < 500 || others < 20 {
		t.Errorf("only %d observations, %d of them on another level than the rule's own", seen, others)
	}
}

// expectation is what was done to an incident, as it was written down before it was played.
func expectation(t *testing.T, dir string) (want record.Expectation) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "expect.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	return want
}
