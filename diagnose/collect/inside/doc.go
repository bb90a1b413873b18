// Package inside looks into a running process without stopping it: it reads the memory
// that the kernel shows in /proc/PID/mem, and what each thread waits for in
// /proc/PID/task/TID/syscall.
//
//	44 0xa 0x7ffe0f8b2 0x40 0x0 0x0 0x0 0x7ffe0f870 0x7f1b2c   syscall: recvfrom(10, …)
//	fd/10 -> socket:[729081]                                   a socket
//	net/tcp: 729081 local 172.17.0.3:40812 remote 172.17.0.2:6379
//
// Nothing is stopped, signalled, injected or written; no program runs in the container
// and no file of it is needed. Reading brings swapped pages back, at the cost of the
// process's own control group.
//
// Its contract:
//
//   - What moves while it is read is said to move; a stack is told only if two readings
//     agree in it.
//   - The descriptor stays with that process's memory: a pid that is used again gives
//     nothing of the new process.
//   - Only anonymous memory and data of mapped files are read, never devices.
package inside
