//go:build !linux

package host

// attribute: systemd-coredump's store is on Linux only.
func attribute(string, string) string { return "" }
