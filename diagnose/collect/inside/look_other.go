//go:build !linux

package inside

import (
	"context"
	"errors"

	"github.com/gwdoctor/gwdoctor/diagnose/evidence"
)

// Look needs Linux.
func Look(context.Context, Target) (*evidence.Inside, error) {
	return nil, errors.New("only Linux shows the memory of a running process in /proc")
}
