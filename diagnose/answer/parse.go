package answer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/bundle"
)

// What keeps a document from being read.
var (
	ErrNewer    = errors.New("it was written by a newer gwdoctor")
	ErrNoReport = errors.New("it is no report of gwdoctor")
	ErrTooMany  = errors.New("it holds more than any report of gwdoctor")
)

// What a report may hold. One of a thousand containers has some two million values; a stranger's 15 MB can hold five
// million empty diagnoses, which decode to gigabytes.
const (
	maxDiagnoses    = 10_000
	maxReportValues = 4_000_000
)

// ParseReport decodes what `gwdoctor diagnose --format json` wrote. Its errors are
// ErrNewer, ErrNoReport, or what is wrong with the JSON.
func ParseReport(data []byte) (Report, error) {
	var head struct {
		SchemaVersion int              `json:"schemaVersion"`
		Diagnoses     *json.RawMessage `json:"diagnoses"`
	}
	if bundle.Values(data) > maxReportValues {
		return Report{}, ErrTooMany
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Report{}, fmt.Errorf("it is no JSON document: %w", err)
	}
	switch {
	case head.SchemaVersion > SchemaVersion:
		return Report{}, fmt.Errorf("schema version %d, this gwdoctor reads up to %d: %w", head.SchemaVersion,
			SchemaVersion, ErrNewer)
	case head.SchemaVersion < 1 || head.Diagnoses == nil:
		return Report{}, ErrNoReport
	case elements(*head.Diagnoses, maxDiagnoses) > maxDiagnoses:
		return Report{}, ErrTooMany
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return Report{}, fmt.Errorf("it is no report that can be read: %w", err)
	}
	return r, nil
}

// elements counts the elements of a JSON array, up to one more than most.
func elements(array []byte, most int) int {
	d := json.NewDecoder(bytes.NewReader(array))
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return 0
	}
	n := 0
	var one json.RawMessage
	for n <= most && d.More() && d.Decode(&one) == nil {
		n++
	}
	return n
}
