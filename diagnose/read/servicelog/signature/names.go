package signature

import "github.com/gwdoctor/gwdoctor/diagnose/fact"

// The cause IDs of the contract by the short names that the tables use.
const (
	causeOOM         = fact.OOMKill
	causeTimeout     = fact.HealthcheckTimeout
	causeLogging     = fact.LoggingFailure
	causeWorker      = fact.WorkerCrash
	causeStartup     = fact.StartupFailure
	causeBackground  = fact.BackgroundTaskFailure
	causeHandler     = fact.ExceptionHandlerFailure
	causePool        = fact.PoolExhaustion
	causeHealth      = fact.HealthcheckFailure
	causeInterpreter = fact.InterpreterCrash
)

// Role and Strength by the short names that the tables use.
type (
	Role     = fact.Role
	Strength = fact.Strength
)

const (
	RoleRoot      = fact.RoleRoot
	RoleMechanism = fact.RoleMechanism
	RoleSymptom   = fact.RoleSymptom
	Conclusive    = fact.Conclusive
	Strong        = fact.Strong
	Weak          = fact.Weak
)
