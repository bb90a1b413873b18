//go:build !linux

package collect

import "errors"

func (s *session) killProcess(int) error { return errors.New("needs Linux") }
