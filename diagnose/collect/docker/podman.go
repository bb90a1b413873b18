package docker

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/host"
)

// PodmanRecord is the part of GET /libpod/containers/ID/json that Docker's form has no place for:
//
//	{"Id":"28c6…","RestartCount":0,"State":{"Status":"exited","ExitCode":137,"StoppedByUser":true,…},
//	 "PidFile":"/run/containers/storage/overlay-containers/28c6…/userdata/pidfile",…}
type PodmanRecord struct {
	RestartCount  *int
	StoppedByUser *bool  // nil = left out: false, or a version that has it not
	RunDir        string // the folder of what is kept of the container until the next boot; "" = not told
}

// ReadPodmanRecord decodes one. A field of an unexpected type is left out.
func ReadPodmanRecord(raw []byte) PodmanRecord {
	var body struct {
		ID, PidFile, ConmonPidFile string
		RestartCount               *int
		State                      struct{ StoppedByUser *bool }
	}
	var odd *json.UnmarshalTypeError
	if err := json.Unmarshal(raw, &body); err != nil && !errors.As(err, &odd) {
		return PodmanRecord{}
	}
	return PodmanRecord{body.RestartCount, body.State.StoppedByUser, runDir(body.ID, body.PidFile, body.ConmonPidFile)}
}

// runDir is the folder of the container's own, where its files stand unless somebody chose another place for them
// (libpod/runtime_ctr.go).
func runDir(id string, files ...string) string {
	for _, file := range files {
		dir := filepath.Dir(file)
		if ValidID(id) && filepath.IsAbs(dir) && strings.HasSuffix(dir, "/"+id+"/userdata") {
			return dir
		}
	}
	return ""
}

const runtimeLogBytes = 64 << 10

// ReadRefusal reads why the OCI runtime refused a start, which is all that the file holds that Podman has it write:
//
//	{"msg":"executable file `gatewayd` not found in $PATH: No such file or directory","level":"error","time":"…"}
//
// "" = it says nothing of that.
func (r PodmanRecord) ReadRefusal() (string, error) {
	text, err := host.ReadCapped(filepath.Join(r.RunDir, "oci-log"), runtimeLogBytes)
	refusal := ""
	for line := range bytes.Lines(text) {
		var entry struct{ Msg, Level string }
		if json.Unmarshal(line, &entry) == nil && entry.Level == "error" {
			refusal = entry.Msg
		}
	}
	return refusal, err
}
