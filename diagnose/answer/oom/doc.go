// Package oom makes the answer of `gwdoctor oom`: what a kernel log says of
// processes killed for lack of memory and of crashes, cut to a time and a
// container, with the names that the engine knows.
//
// It takes records of package kernellog, for example the kill that this line tells
//
//	Memory cgroup out of memory: Killed process 143 (node) total-vm:21564kB, anon-rss:20352kB, …
//
// and adds what the log alone cannot tell: the container's name, whether its main
// process was the victim, how often and how regularly it happens, whose a crash may
// be. What it cannot tell either is a note, never silence. It is pure: the log is
// read and the engine is asked elsewhere.
package oom
