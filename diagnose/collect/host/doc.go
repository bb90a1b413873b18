// Package host reads what this machine itself knows: the kernel's ring and the journal,
// /proc, control groups, core files, and the layers of a container's root on this disk.
// It knows no runtime: a container is an id in the paths of control groups and the
// process that is its first, as the caller found them out.
//
//	6,1234,567890,-;Memory cgroup out of memory: Killed process 4711 (python3)   /dev/kmsg
//	4:memory:/docker/35477042ca4d…                                               /proc/4711/cgroup
//
// Nothing is written, nothing is sent, no link of a container's leads out of its own
// folder. Every read has a cap; one that can hang on a disk is left behind when its
// context ends. Whether this machine is the one that is meant is for the caller to prove.
package host
