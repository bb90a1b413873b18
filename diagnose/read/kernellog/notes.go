package kernellog

import (
	"bytes"
	"fmt"

	"github.com/gwdoctor/gwdoctor/diagnose/read/envelope"
)

// noteCap bounds the notes of one kind that a Scanner gives one by one.
const noteCap = 1000

func (s *Scanner) note(kind NoteKind, count int, detail string) {
	if s.counts[kind]++; s.counts[kind] <= noteCap {
		s.queue = append(s.queue, Record{Note: &Note{Kind: kind, Count: count, Detail: detail}})
	}
}

// suppressed reads the kernel's own count of what its rate limit left out:
//
//	oom_kill_process: 6 callbacks suppressed
//	show_signal_msg: 30 callbacks suppressed
//
// It stands before the first dump that got through again. The name is that of
// the function that got through, not of those that were silenced, but the dumps
// of the OOM killer have a limit of their own.
func (s *Scanner) suppressed(msg []byte) bool {
	name, rest, _ := bytes.Cut(msg, []byte(": "))
	digits, _, ok := bytes.Cut(rest, []byte(" callbacks suppressed"))
	n, isNumber := number(digits)
	if !ok || !isNumber {
		return false
	}
	count := int(min(n, 1<<31))
	if bytes.HasPrefix(name, []byte("show_signal")) {
		s.note(NoteCrashesSuppressed, count, "the kernel left out lines about crashes or audit records (ten in five "+
			"seconds); those processes are not named")
		return true
	}
	s.oom.suppressed()
	s.note(NoteDumpsSuppressed, count, "the kernel left out dumps of OOM kills (ten in five seconds); memory.events "+
		"of the cgroups still counts their kills")
	return true
}

// lost reads the marks of gaps: "Missed 412 kernel messages" of journald and
// "** 12 printk messages dropped **" of the console.
func (s *Scanner) lost(msg []byte) bool {
	fields := bytes.Fields(msg)
	if len(fields) < 4 {
		return false
	}
	n, ok := number(fields[1])
	if !ok || !(string(fields[2]) == "kernel" || string(fields[2]) == "printk") {
		return false
	}
	s.note(NoteRecordsLost, int(min(n, 1<<31)), "the writer of the log says that kernel messages were lost")
	return true
}

// journalMark reads what journalctl and journald print about the log itself.
func (s *Scanner) journalMark(text []byte, l *line) bool {
	if bytes.HasPrefix(text, []byte("-- ")) {
		if bytes.HasPrefix(text, []byte("-- Boot ")) || bytes.HasPrefix(text, []byte("-- Reboot --")) {
			if s.span.hasBoot || s.span.hasWall {
				s.newBoot()
			}
		}
		return true
	}
	if l.hidden && l.origin == fromKernel || isBlob(l.msg) && l.origin != fromUser {
		s.counts[NoteBlobData]++
		s.clock(l)
		return true
	}
	if l.origin == fromUser && bytes.HasPrefix(l.ident, []byte("systemd-journal")) || string(l.ident) == "journal" {
		return classify(l.msg, l.esc) == lost && s.lost(l.msg)
	}
	return false
}

// isBlob knows "[153B blob data]", journalctl's stand-in for a message with a
// control byte.
func isBlob(msg []byte) bool {
	return len(msg) < 32 && bytes.HasPrefix(msg, []byte("[")) && bytes.HasSuffix(msg, []byte("B blob data]"))
}

// foreign handles a line that a program wrote. It is never evidence of a kill or
// crash, but that it looks like one is worth knowing; reports of known user space
// programs are trouble.
func (s *Scanner) foreign(l *line) {
	switch classify(l.msg, l.esc) {
	case oomInvoked, oomTask, oomConstraint, oomKilled, oomGroup, crashFault, crashTrap, crashSignal, crashForeign,
		crashAudit, troubleForks:
		s.counts[NoteForeignFacility]++
		return
	}
	if len(l.ident) > 0 {
		s.userSpace(l, decoded(l.msg, l.esc))
		return
	}
	s.reporter(l)
}

// reporter reads what a user space killer wrote into the kernel's ring, its name before it:
//
//	systemd-oomd[612]: Killed /user.slice/… due to memory pressure for …
func (s *Scanner) reporter(l *line) bool {
	ident, rest, ok := bytes.Cut(l.msg, []byte("]: "))
	name, pid, ok2 := bytes.Cut(ident, []byte("["))
	if _, isNumber := number(pid); !ok || !ok2 || !isNumber || len(name) > 32 {
		return false
	}
	l.ident = name
	return s.userSpace(l, decoded(rest, l.esc))
}

// closingNotes are those that only the whole log can tell.
func (s *Scanner) closingNotes() {
	if n := s.oom.bare; n > 0 && s.oom.sawInfo {
		s.note(NoteDumpsSuppressed, n, "kills without a dump at the end of the log: the kernel counts those it left "+
			"out only before the next dump")
	}
	if n := s.oom.filtered; n > 0 && !s.oom.sawInfo && s.counts[NoteDumpsSuppressed] == 0 {
		if n > 1 || s.oom.headed {
			s.note(NoteLevelFiltered, n, "kills without any line of level info: the log was filtered by level, and "+
				"the cgroups stand on the lines "+
				"that are gone; read it without -l err or -p err")
		} else {
			s.note(NoteDumpMissing, n, "of this kill the log has the last line alone: it begins there, or was cut "+
				"or filtered; whose container "+
				"it was stands on the lines before it")
		}
	}
	if n := s.missed.note(s.unwrap.opener.Deep()); n != nil {
		s.queue = append(s.queue, Record{Note: n})
	}
	s.formNotes()
	for _, n := range []struct {
		kind   NoteKind
		detail string
	}{
		{NoteBlobData, "messages with odd bytes were left out by journalctl; use journalctl -k -a or -o json --all"},
		{NoteForeignFacility, "lines that look like the kernel's were written by a program, so they are no evidence"},
		{NoteLinesCut, fmt.Sprintf("lines over %d bytes were cut", maxLine)},
		{NoteRecordsCapped, fmt.Sprintf("only the first %d records were kept", s.opts.MaxRecords)},
	} {
		count := s.counts[n.kind]
		if n.kind == NoteLinesCut {
			count = s.cut
		}
		if count > 0 {
			s.queue = append(s.queue, Record{Note: &Note{Kind: n.kind, Count: count, Detail: n.detail}})
		}
	}
}

// formNotes say what was done to the form of the log, and what was guessed.
func (s *Scanner) formNotes() {
	turned := s.oom.turned > 0
	if s.unfolded != nil {
		for _, n := range s.unfolded.Notes() {
			switch n {
			case envelope.NoteTurned, envelope.NoteTurnedCut:
				turned = true
			case envelope.NoteFolded, envelope.NoteMayFold:
				s.note(NoteFolded, 0, string(n))
			}
		}
	}
	if turned {
		s.note(NoteTurned, 0, "the newest line came first; the log was read turned round")
	}
	g := &s.unwrap.guessed
	if g.unread > 0 {
		detail := "times in a language that is not known"
		if g.stamp != "" {
			detail = "a time in a language that I do not read: " + g.stamp
		}
		s.note(NoteTimeNotRead, g.unread, detail)
	}
	if prefix := s.unwrap.opener.Prefix(); len(prefix) > 0 && s.missed.lines > 0 {
		s.note(NotePrefix, 0, "all lines begin alike, in a way that I do not know: "+excerptOf(prefix))
	}
	s.timeNotes(g)
}

// timeNotes say what of the times was guessed.
func (s *Scanner) timeNotes(g *guessed) {
	for _, n := range s.unwrap.opener.Notes() {
		switch n {
		case envelope.NoteDayFirst, envelope.NoteMonthFirst, envelope.NoteDayGuessed:
			s.note(NoteTimeGuessed, 0, string(n))
		}
	}
	const both = "the stamps name neither year nor zone: the year was taken as the last in which they are not in " +
		"the future, the zone as this machine's"
	taken := ": that of this machine was taken"
	if g.zones == 0 {
		taken = ": no time was taken from it"
	}
	switch {
	case g.unclear != "":
		s.note(NoteTimeGuessed, g.zones, "the zone of the stamps, "+g.unclear+", is that of several places"+taken)
	case g.years > 0 && g.zones > 0:
		s.note(NoteTimeGuessed, g.years, both)
	case g.zones > 0:
		s.note(NoteTimeGuessed, g.zones, "the stamps name no zone"+taken)
	}
}
