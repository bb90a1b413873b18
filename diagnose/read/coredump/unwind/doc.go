// Package unwind walks native stacks by call frame information, as a debugger
// does: .eh_frame of the binaries that were running, and the memory and registers
// of the crashed thread.
//
// What it reads is the form of the Linux Standard Base ("Exception Frames") and of
// DWARF 5, section 6.4. A function whose frame is described so
//
//	DW_CFA_def_cfa: r7 (rsp) ofs 8; DW_CFA_offset: r16 (rip) at cfa-8
//
// is left by reading the return address at rsp. No frame pointers are needed, and
// none are trusted: glibc and CPython are built without them.
//
// Its contract:
//
//   - The binaries, the memory and the registers are hostile. Sizes and steps are
//     bounded; a walk that cannot go on says why and keeps what it has.
//   - A name is given only where the symbol covers the address. In a stripped
//     library the nearest one is wrong by a mile.
//   - Whether a binary is the one that ran is for the caller to prove, by build-id.
package unwind
