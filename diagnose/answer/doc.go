// Package answer holds the documents that commands print: one file for each, with
// its types and what makes it of facts. Their schemas stand in docs/schema, where
// users look for them; a test holds every field of a type against its schema, both
// ways.
//
// Its contract, which scripts depend on (docs/contract.md):
//
//   - Every document begins with "schemaVersion". Fields may be added; none is
//     renamed or dropped.
//   - Times are RFC 3339, sizes are bytes, durations are seconds, except where the
//     name says "Ms". What is not known is absent or null, never 0 or "".
//   - A document is finished: a renderer sorts nothing and decides nothing.
//
// The head of `gwdoctor exit 137 --format json`:
//
//	{
//	  "schemaVersion": 1,
//	  "code": 137,
//	  "signal": "SIGKILL",
package answer

// SchemaVersion is the version of all documents.
const SchemaVersion = 1
