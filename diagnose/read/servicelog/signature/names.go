package signature

import "github.com/gwdoctor/gwdoctor/diagnose/fact"

// The cause IDs, roles and strengths of the contract by the short names that the tables use.
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

	RoleRoot      = fact.RoleRoot
	RoleMechanism = fact.RoleMechanism
	RoleSymptom   = fact.RoleSymptom
	Conclusive    = fact.Conclusive
	Strong        = fact.Strong
	Weak          = fact.Weak
)
