// Package coredump says where the kernel would have put a core file, which paths
// of a container's writable layer may be one, and why there is none.
//
// What it reads is one line, /proc/sys/kernel/core_pattern, the same for the host
// and all containers (core(5); CORES.md A1, A2):
//
//	core                                                     a file in the process's directory
//	/var/cores/core.%e.%p.%t                                 a file, absolute in the container's own root
//	|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h  a program on the host
//	@/run/coredump.sock                                      a socket on the host (Linux 6.16)
//
// and the list of changed paths that `docker diff` gives (GET
// /containers/ID/changes), which works on a dead container and needs no root. A
// path that matches is a candidate, not a core: its first bytes decide.
//
// Paths and names come from the container and are hostile; nothing here opens
// them. The package is pure: no I/O, no clock, safe for concurrent use.
package coredump
