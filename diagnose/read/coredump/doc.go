// Package coredump reads core files, and says where the kernel would have put one
// and why there is none.
//
// A core is an ELF file of type ET_CORE as Linux writes it (fs/binfmt_elf.c; core(5),
// elf(5)): first notes with the signal, every thread's registers and the list of
// mapped files, then the memory. [Describe] makes of it what people ask for:
//
//	python3 was ended by SIGSEGV: a null pointer was used (address 0x0),
//	in libc.so.6+0x167ad8; Python was at ctypes/__init__.py line 519 in string_at
//
// with the stacks of every thread: Python's out of the core alone (package python),
// native ones where the right binaries are at hand (package unwind).
//
// Where cores go is one line, /proc/sys/kernel/core_pattern, the same for the host
// and all containers (core(5); docs/notes/CORES.md#a1, A2):
//
//	core                                                     a file in the process's directory
//	/var/cores/core.%e.%p.%t                                 a file, absolute in the container's own root
//	|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h  a program on the host
//	@/run/coredump.sock                                      a socket on the host (Linux 6.16)
//
// A path of `docker diff` that matches it is a candidate, not a core: its first
// bytes decide.
//
// The contract:
//
//   - Cores come from strangers. Headers promise nothing: counts and sizes are capped
//     (elf.go), loops are bounded, a truncated or hostile file gives what could be
//     read and a note, never a panic. Only ErrNotCore is an error of the file.
//   - A plain core is read in single pages where they are needed: its size hardly
//     matters.
//   - Of the environment only HOSTNAME is read, which the engine sets to the
//     container's id. Arguments are for the caller to redact.
//   - "Not mapped", "not dumped" and "cut off" are different answers.
//
// The package is pure: it reads through io.ReaderAt and knows no disk and no clock.
package coredump
