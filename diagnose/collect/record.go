package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// diskRecord is the part of <root>/containers/ID/config.v2.json that is used:
//
//	{"ID":"…","Name":"/web","Image":"sha256:…","State":{"Running":true,"Pid":4711},
//	 "Config":{"Tty":false,"Labels":{…}},"HasBeenManuallyStopped":true,…}
type diskRecord struct {
	ID, Name, Image string
	State           struct {
		Running bool
		Pid     int
	}
	Config struct {
		Labels map[string]string
	}
	HasBeenManuallyStopped lenient[bool]
	HasBeenStartedBefore   lenient[bool]
	RestartCount           lenient[int]
}

const (
	diskRecordBytes = 4 << 20
)

// readDiskRecord reads such a file.
func readDiskRecord(path string) (diskRecord, error) {
	var record diskRecord
	data, err := readCapped(path, diskRecordBytes)
	if err != nil {
		return record, err
	}
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(data, &record); err != nil && !errors.As(err, &odd) {
		return record, fmt.Errorf("decode %q: %w", path, err)
	}
	return record, nil
}

// subject is what the record tells of its container.
func (r diskRecord) subject() subject {
	sub := subject{ID: r.ID, Name: strings.TrimPrefix(r.Name, "/"), Known: true, Running: r.State.Running,
		ImageID: r.Image, Project: r.Config.Labels[labelProject]}
	if sub.Running {
		sub.PID = r.State.Pid
	}
	return sub
}
