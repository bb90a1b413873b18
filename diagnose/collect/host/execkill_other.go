//go:build !linux

package host

import "errors"

func (c Processes) killProcess(int) error { return errors.New("needs Linux") }
