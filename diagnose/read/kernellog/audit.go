package kernellog

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// auditTime reads the wall time of "audit(1795425292.959:6):".
func auditTime(text string) *time.Time {
	_, rest, _ := strings.Cut(text, "audit(")
	stamp, _, ok := strings.Cut(rest, ":")
	whole, frac, ok2 := strings.Cut(stamp, ".")
	s, ok3 := number([]byte(whole))
	ms, ok4 := number([]byte(frac))
	if !ok || !ok2 || !ok3 || !ok4 || len(frac) != 3 || len(whole) > 11 {
		return nil
	}
	at := time.UnixMilli(s*1000 + ms).UTC()
	return &at
}

var auditHeads = [...]string{"audit: type=1701 ", "audit: type=1326 ", "type=ANOM_ABEND msg=", "type=SECCOMP msg="}

// parseAudit reads the audit records of a fatal signal and of a seccomp kill
// (kernel/auditsc.c):
//
//	audit: type=1701 audit(1795425298.530:15): auid=… pid=99 comm="helper" exe="/bin/helper" sig=6 res=1
//	audit: type=1326 audit(1795425302.894:20): … pid=114 comm="x" exe="/bin/x" sig=31 arch=c000003e syscall=110 compat=0 ip=0x441139 code=0x80000000
//
// journald keeps them as ANOM_ABEND and SECCOMP without the head. A name with odd
// bytes is printed as hexadecimal digits without quotes. ok tells whether it was
// such a record, even if nobody died.
func parseAudit(text string, journald bool) (crash *Crash, ok bool) {
	headed := false
	for _, head := range auditHeads {
		headed = headed || strings.HasPrefix(text, head)
	}
	if !headed && !journald {
		return nil, false
	}
	pid, sig := auditInt(text, " pid="), auditInt(text, " sig=")
	if pid == nil || sig == nil || *sig == 0 {
		return nil, headed
	}
	seccomp := strings.HasPrefix(text, "audit: type=1326 ") || strings.Contains(text[:min(len(text), 16)], "SECCOMP")
	if seccomp {
		// SECCOMP_RET_KILL_PROCESS and _KILL_THREAD; other codes end nobody
		if code := auditField(text, " code="); code != "0x80000000" && code != "0x0" {
			return nil, true
		}
	}
	c := signalled(*sig)
	c.PID, c.Comm, c.Exe = pid, auditField(text, " comm="), auditField(text, " exe=")
	c.At = auditTime(text)
	if seccomp {
		c.Kind = CrashSeccomp
		c.Syscall = auditInt(text, " syscall=")
		c.IP = address(auditField(text, " ip="))
	}
	return c, true
}

// auditField returns a field's value: quoted, or in hexadecimal where a name
// needed escaping. Values cannot hold the key, since odd bytes and spaces are
// escaped.
func auditField(text, key string) string {
	_, value, ok := strings.Cut(text, key)
	if !ok {
		return ""
	}
	if inside, ok := strings.CutPrefix(value, `"`); ok {
		inside, _, _ = strings.Cut(inside, `"`)
		return inside
	}
	value, _, _ = strings.Cut(value, " ")
	if (key == " comm=" || key == " exe=") && len(value)%2 == 0 {
		if name := hexName(value); name != "" {
			return name
		}
	}
	return value
}

func hexName(digits string) string {
	out := bytes.Buffer{}
	for i := 0; i+1 < len(digits); i += 2 {
		b, err := strconv.ParseUint(digits[i:i+2], 16, 8)
		if err != nil {
			return ""
		}
		out.WriteByte(byte(b))
	}
	return out.String()
}

func auditInt(text, key string) *int {
	value := auditField(text, key)
	n, err := strconv.Atoi(value)
	if err != nil {
		return nil
	}
	return &n
}
