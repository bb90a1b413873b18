package collect

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/docker"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/enginetest"
	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

func TestShutDiskRecord(t *testing.T) {
	if _, err := docker.ReadDiskRecord(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
	dir := enginetest.WriteTree(t, map[string]string{"odd": `{"RestartCount":"many","HasBeenManuallyStopped":true}`,
		"bad": `{`})
	record, err := docker.ReadDiskRecord(filepath.Join(dir, "odd"))
	if err != nil || record.HasBeenManuallyStopped.Value == nil || !*record.HasBeenManuallyStopped.Value ||
		record.RestartCount.Value != nil {
		t.Errorf("%+v, %v: one odd field must not cost the others", record, err)
	}
	if _, err := docker.ReadDiskRecord(filepath.Join(dir, "bad")); err == nil {
		t.Error("half a record was taken for one")
	}
}

func TestAwaitGivesUpOnAHungDisk(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	release := make(chan struct{})
	defer close(release)
	_, err := source.Await2(ctx, func() (int, error) { <-release; return 1, nil })
	if err == nil || !strings.Contains(err.Error(), "no answer") {
		t.Errorf("%v", err)
	}
	_, err = source.Await2(context.Background(), func() (int, error) { panic("boom") })
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("%v", err)
	}
}
