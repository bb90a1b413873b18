package kubernetes

import (
	"math"
	"strconv"
	"strings"
)

// units are the suffixes of a quantity.
var units = []struct {
	suffix string
	factor float64
}{
	{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40}, {"Pi", 1 << 50},
	{"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"P", 1e15}, {"m", 1e-3},
}

// quantity reads an amount of memory: "64Mi", "1e9", "134217728"; 0 = none, or it cannot be read.
func quantity(s string) int64 {
	factor := 1.0
	for _, u := range units {
		if number, ok := strings.CutSuffix(s, u.suffix); ok {
			s, factor = number, u.factor
			break
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if n *= factor; err != nil || !(n > 0) || n > math.MaxInt64/2 {
		return 0
	}
	return int64(n)
}

// memoryOf is the limit that holds: what the status says was applied, before what the manifest wants (a resize below
// the usage is not applied, and the manifest says so nowhere).
func memoryOf(c *Container, status *ContainerStatus) int64 {
	if status != nil && status.Resources != nil && len(status.Resources.Limits) > 0 {
		return quantity(status.Resources.Limits["memory"])
	}
	if c == nil {
		return 0
	}
	return quantity(c.Resources.Limits["memory"])
}
