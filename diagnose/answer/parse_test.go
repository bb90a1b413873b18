package answer

import (
	"errors"
	"strings"
	"testing"
)

// TestReportsAreBounded: what decodes to gigabytes is refused before it is decoded.
func TestReportsAreBounded(t *testing.T) {
	report := func(n int) []byte {
		return []byte(`{"schemaVersion":1,"diagnoses":[` + strings.Repeat("{},", n-1) + "{}]}")
	}
	if r, err := ParseReport(report(maxDiagnoses)); err != nil || len(r.Diagnoses) != maxDiagnoses {
		t.Errorf("%d diagnoses, %v", len(r.Diagnoses), err)
	}
	if _, err := ParseReport(report(maxDiagnoses + 1)); !errors.Is(err, ErrTooMany) {
		t.Errorf("too many diagnoses: %v", err)
	}
	causes := `{"schemaVersion":1,"diagnoses":[{"causes":[` + strings.Repeat("{},", maxReportValues) + "{}]}]}"
	if _, err := ParseReport([]byte(causes)); !errors.Is(err, ErrTooMany) {
		t.Errorf("too many values: %v", err)
	}
}
