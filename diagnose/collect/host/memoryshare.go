package host

import (
	"bytes"
	"cmp"
	"context"
	"path"
	"strconv"

	"github.com/gwdoctor/gwdoctor/diagnose/collect/source"
)

// MemoryShare is how much of the tightest memory limit above a process is used, page cache included: of its control
// group or a parent of that. 1 = all; 0 = there is no limit.
func (m Machine) MemoryShare(pid int) (float64, error) {
	files, _, err := Processes{Machine: m, PID: pid}.CgroupFiles(context.Background()) // no id: whatever group it is in
	if err != nil {
		return 0, err
	}
	return tightest(files), nil
}

// tightest compares usage and limit in each folder.
func tightest(files []source.File) (share float64) {
	numbers := map[string]float64{}
	for _, f := range files {
		if n, err := strconv.ParseFloat(string(bytes.TrimSpace(f.Data)), 64); err == nil { // "max" is no number
			numbers[f.Name] = n
		}
	}
	for _, f := range files {
		folder := path.Dir(f.Name)
		used := cmp.Or(numbers[folder+"/memory.current"], numbers[folder+"/memory.usage_in_bytes"])
		limit := cmp.Or(numbers[folder+"/memory.max"], numbers[folder+"/memory.limit_in_bytes"])
		if limit > 0 {
			share = max(share, used/limit)
		}
	}
	return share
}
