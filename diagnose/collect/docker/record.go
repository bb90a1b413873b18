package docker

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
)

// DiskRecord is the part of <root>/containers/ID/config.v2.json that is used:
//
//	{"ID":"…","Name":"/web","Image":"sha256:…","State":{"Running":true,"Pid":4711},
//	 "Config":{"Tty":false,"Labels":{…}},"HasBeenManuallyStopped":true,…}
type DiskRecord struct {
	ID, Name, Image string
	State           struct {
		Running bool
		Pid     int
	}
	Config struct {
		Labels map[string]string
	}
	HasBeenManuallyStopped Lenient[bool]
	HasBeenStartedBefore   Lenient[bool]
	RestartCount           Lenient[int]
}

const (
	diskRecordBytes = 4 << 20
)

// ReadDiskRecord reads such a file.
func ReadDiskRecord(path string) (DiskRecord, error) {
	var record DiskRecord
	data, err := host.ReadCapped(path, diskRecordBytes)
	if err != nil {
		return record, err
	}
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(data, &record); err != nil && !errors.As(err, &odd) {
		return record, fmt.Errorf("decode %q: %w", path, err)
	}
	return record, nil
}

// Container is what the record tells of its container.
func (r DiskRecord) Container() Container {
	sub := Container{ID: r.ID, Name: strings.TrimPrefix(r.Name, "/"), Known: true, Running: r.State.Running,
		ImageID: r.Image, Project: r.Config.Labels[LabelProject]}
	if sub.Running {
		sub.PID = r.State.Pid
	}
	return sub
}
