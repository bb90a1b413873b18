package kernellog

import "github.com/gwdoctor/gwdoctor/diagnose/read/envelope/jsontext"

// objectFields are the fields of one line of JSON that the scanner wants, each as
// it is written, strings with their quotes; nil = there is none. They are those of
// journald's export (systemd.journal-fields(7)), of dmesg --json and of Fluent Bit's kmsg input.
type objectFields struct {
	message, bootID, transport, facility, identifier, pid, unit, comm []byte
	realtime, sourceClock, clockField, priority                       []byte
	msg, pri, time, date, sec, usec                                   []byte // of dmesg and of Fluent Bit
	coreProcCgroup, coreCgroup, uid                                   []byte // of systemd-coredump
}

// read walks through the object at the start of b and returns where it ends; 0
// where it does not, or is no object. What stands before a broken place is kept.
func (f *objectFields) read(b []byte) (end int) { return eachMember(b, f.set) }

// eachMember gives the keys, without their quotes, and the values of the object at
// the start of b, as they are written, and returns where it ends; 0 where it does
// not.
func eachMember(b []byte, take func(key, value []byte)) (end int) {
	for i := skipSpaces(b, 1); i < len(b) && b[i] == '"'; {
		size := jsontext.StringEnd(b[i:])
		if size < 0 {
			return 0
		}
		key := b[i+1 : i+size-1]
		if i = skipSpaces(b, i+size); i >= len(b) || b[i] != ':' {
			return 0
		}
		i = skipSpaces(b, i+1)
		value := jsonValue(b[i:])
		if value == nil {
			return 0
		}
		take(key, value)
		if i = skipSpaces(b, i+len(value)); i >= len(b) || b[i] != ',' {
			if i < len(b) && b[i] == '}' {
				return i + 1
			}
			return 0
		}
		i = skipSpaces(b, i+1)
	}
	return 0
}

func skipSpaces(b []byte, i int) int {
	for i < len(b) && b[i] == ' ' {
		i++
	}
	return i
}

// set keeps a field. Of those that come twice the first counts.
func (f *objectFields) set(key, value []byte) {
	var field *[]byte
	switch string(key) {
	case "MESSAGE":
		field = &f.message
	case "_BOOT_ID":
		field = &f.bootID
	case "_TRANSPORT":
		field = &f.transport
	case "SYSLOG_FACILITY":
		field = &f.facility
	case "SYSLOG_IDENTIFIER":
		field = &f.identifier
	case "_PID":
		field = &f.pid
	case "_COMM":
		field = &f.comm
	case "_SYSTEMD_UNIT":
		field = &f.unit
	case "__REALTIME_TIMESTAMP":
		field = &f.realtime
	case "_SOURCE_MONOTONIC_TIMESTAMP":
		field = &f.sourceClock
	case "__MONOTONIC_TIMESTAMP":
		field = &f.clockField
	case "_UID":
		field = &f.uid
	case "COREDUMP_PROC_CGROUP":
		field = &f.coreProcCgroup
	case "COREDUMP_CGROUP":
		field = &f.coreCgroup
	case "PRIORITY":
		field = &f.priority
	case "msg":
		field = &f.msg
	case "pri":
		field = &f.pri
	case "time":
		field = &f.time
	case "date":
		field = &f.date
	case "sec":
		field = &f.sec
	case "usec":
		field = &f.usec
	case "priority":
		field = &f.priority
	}
	if field != nil && *field == nil {
		*field = value
	}
}

// ofKernel tells whether journald took the record from the kernel, and no program
// wrote it there. _TRANSPORT is journald's own word; the facility is the kernel's.
func (f *objectFields) ofKernel() bool {
	return string(f.transport) == `"kernel"` && (f.facility == nil || string(f.facility) == `"0"` ||
		string(f.facility) == `""`)
}

// clock returns the record's kernel clock, in µs: the one of the source where
// journald has it, else that of its arrival.
func (f *objectFields) clock() (int64, bool) {
	if us, ok := numberIn(f.sourceClock); ok {
		return us, true
	}
	return numberIn(f.clockField)
}

// textOf returns the inside of a string, still escaped.
func textOf(value []byte) ([]byte, bool) {
	if len(value) < 2 || value[0] != '"' {
		return nil, false
	}
	return value[1 : len(value)-1], true
}

// numberIn reads a number that is written as a string, as journald does.
func numberIn(value []byte) (int64, bool) {
	if inside, ok := textOf(value); ok {
		value = inside
	}
	return number(value)
}
