package collect

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestShutDiskRecord(t *testing.T) {
	if _, err := readDiskRecord(filepath.Join(t.TempDir(), "none")); !os.IsNotExist(err) {
		t.Errorf("%v", err)
	}
	dir := writeTree(t, map[string]string{"odd": `{"RestartCount":"many","HasBeenManuallyStopped":true}`, "bad": `{`})
	record, err := readDiskRecord(filepath.Join(dir, "odd"))
	if err != nil || record.HasBeenManuallyStopped.value == nil || !*record.HasBeenManuallyStopped.value || record.RestartCount.value != nil {
		t.Errorf("%+v, %v: one odd field must not cost the others", record, err)
	}
	if _, err := readDiskRecord(filepath.Join(dir, "bad")); err == nil {
		t.Error("half a record was taken for one")
	}
}

func TestAwaitGivesUpOnAHungDisk(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	release := make(chan struct{})
	defer close(release)
	_, err := await2(ctx, func() (int, error) { <-release; return 1, nil })
	if err == nil || !strings.Contains(err.Error(), "no answer") {
		t.Errorf("%v", err)
	}
	_, err = await2(context.Background(), func() (int, error) { panic("boom") })
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("%v", err)
	}
}
