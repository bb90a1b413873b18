//go:build !linux

package collect

import "errors"

func (c Processes) killProcess(int) error { return errors.New("needs Linux") }
