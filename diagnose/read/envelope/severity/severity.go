// Package severity reads how grave a line of a log is by its own word, of any logger, or by its number.
//
//	[2026-11-23 09:06:15 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:7)
//
// [Of] the word in the third brackets is [Critical], and [OfNumber] of the 50 that bunyan writes in its place too.
// What is no level is [Unknown], never a mild one.
package severity

// Level is a severity as syslog counts it (RFC 5424, 6.2.1), 0 to 7, and Unknown.
type Level int8

// The levels.
const (
	Unknown Level = iota - 1
	Emergency
	Alert
	Critical
	Error
	Warning
	Notice
	Info
	Debug
)

// levels are the words of loggers and of syslog, those of three and four letters of zerolog, Serilog and logrus too.
var levels = map[string]Level{
	"EMERG": Emergency, "EMERGENCY": Emergency, "PANIC": Emergency, "DPANIC": Emergency, "PANI": Emergency,
	"ALERT": Alert,
	"CRIT":  Critical, "CRITICAL": Critical, "FATAL": Critical, "FATA": Critical, "FTL": Critical,
	"ERR": Error, "ERRO": Error, "ERROR": Error, "SEVERE": Error, "EXCEPTION": Error,
	"WRN": Warning, "WARN": Warning, "WARNING": Warning,
	"NOTICE": Notice,
	"INFO":   Info, "INFORMATION": Info, "LOG": Info, "SUCCESS": Info,
	"DBG": Debug, "DEBU": Debug, "DEBG": Debug, "DEBUG": Debug, "TRC": Debug, "TRACE": Debug, "VERBOSE": Debug,
}

// Of reads a level's name in letters of either case; Unknown for what is none.
func Of(name []byte) Level {
	if len(name) < 3 || len(name) > 11 {
		return Unknown
	}
	var upper [11]byte
	n := copy(upper[:], name)
	for i, c := range upper[:n] {
		if c >= 'a' && c <= 'z' {
			upper[i] = c - 'a' + 'A'
		}
	}
	if level, ok := levels[string(upper[:n])]; ok {
		return level
	}
	return Unknown
}

// OfNumber reads the numbers of bunyan and pino (10 to 60), Python (10 to 50), or syslog (0 to 7).
func OfNumber(n int) Level {
	switch {
	case n <= 7:
		return Level(n)
	case n >= 50:
		return Critical
	case n >= 40:
		return Error
	case n >= 30:
		return Warning
	}
	return Info
}
