package docker

import (
	"encoding/json"
	"errors"
)

// PodmanRecord is the part of GET /libpod/containers/ID/json that Docker's form has no place for:
//
//	{"Id":"28c6…","RestartCount":0,"State":{"Status":"exited","ExitCode":137,"StoppedByUser":true,…},…}
type PodmanRecord struct {
	RestartCount  *int
	StoppedByUser *bool // nil = left out: false, or a version that has it not
}

// ReadPodmanRecord decodes one. A field of an unexpected type is left out.
func ReadPodmanRecord(raw []byte) PodmanRecord {
	var body struct {
		RestartCount *int
		State        struct{ StoppedByUser *bool }
	}
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &body); err != nil && !errors.As(err, &odd) {
		return PodmanRecord{}
	}
	return PodmanRecord{body.RestartCount, body.State.StoppedByUser}
}
