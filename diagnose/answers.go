package diagnose

import (
	"github.com/gwdoctor/gwdoctor/diagnose/answer"
	"github.com/gwdoctor/gwdoctor/diagnose/fact"
)

// The answer's types under the names that this package's own files still use; they
// go with those files into their rooms.
type (
	Diagnosis   = answer.Diagnosis
	Target      = answer.Target
	Verdict     = answer.Verdict
	Death       = answer.Death
	Cause       = answer.Cause
	Alternative = answer.Alternative
	Finding     = answer.Finding
	Missing     = answer.Missing
	Fix         = answer.Fix
	Moment      = answer.Moment
	Source      = answer.Source
	Masked      = answer.Masked
	LogLine     = answer.LogLine
	Chain       = answer.Chain
	Link        = answer.Link
	Because     = answer.Because
	Complaint   = answer.Complaint
	Tracks      = answer.Tracks
	TrackRun    = answer.TrackRun
	TrackProbe  = answer.TrackProbe
	TrackMemory = answer.TrackMemory
	TrackLog    = answer.TrackLog
	Cores       = answer.Cores
	CoreTarget  = answer.CoreTarget
	CoreSetup   = answer.CoreSetup
)

const (
	SchemaVersion    = answer.SchemaVersion
	KindCause        = fact.VerdictCause
	KindNotAFailure  = fact.NotAFailure
	KindUndetermined = fact.VerdictUndetermined
	RoleFirst        = answer.RoleFirst
	RoleSuffered     = answer.RoleSuffered
	RolePossibly     = answer.RolePossibly
	RoleUnlinked     = answer.RoleUnlinked
)
