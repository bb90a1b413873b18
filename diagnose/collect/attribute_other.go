//go:build !linux

package collect

// attribute: systemd-coredump's store is on Linux only.
func attribute(string, string) string { return "" }
