// Package source says what became of one thing that was looked at: an [Outcome] is the
// source's entry for the manifest and the files that it gave, word for word.
//
//	kernel-log  collected  8231 bytes of /dev/kmsg            kernel/kmsg.txt, kernel/clock.json
//	kernel-log  denied     open /dev/kmsg: permission denied  sudo gwdoctor diagnose web
//
// What every room of collect needs for that stands beside it: waiting for what heeds no
// deadline of ours ([Await]), and keeping the newest part of what is too long ([Tail]).
package source
