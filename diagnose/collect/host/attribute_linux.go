package host

import "golang.org/x/sys/unix"

// attribute reads an extended attribute of a file; "" = it has none of that name, or
// it may not be read.
func attribute(path, name string) string {
	b := make([]byte, 4096) // PATH_MAX: the longest is the program's path
	n, err := unix.Lgetxattr(path, name, b)
	if err != nil {
		return ""
	}
	return string(b[:n])
}
