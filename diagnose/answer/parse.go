package answer

import (
	"encoding/json"
	"errors"
	"fmt"
)

// What keeps a document from being read.
var (
	ErrNewer    = errors.New("it was written by a newer gwdoctor")
	ErrNoReport = errors.New("it is no report of gwdoctor")
)

// ParseReport decodes what `gwdoctor diagnose --format json` wrote. Its errors are
// ErrNewer, ErrNoReport, or what is wrong with the JSON.
func ParseReport(data []byte) (Report, error) {
	var head struct {
		SchemaVersion int              `json:"schemaVersion"`
		Diagnoses     *json.RawMessage `json:"diagnoses"`
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
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		return Report{}, fmt.Errorf("it is no report that can be read: %w", err)
	}
	return r, nil
}
