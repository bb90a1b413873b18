package servicelog

import "github.com/gwdoctor/gwdoctor/diagnose/read/servicelog/signature"

// Signature returns what the table has of the finding's ID; the zero value for an ID that it does not have. Its lists
// are the table's own.
func (f Finding) Signature() signature.Row {
	if s := signature.ByID()[f.ID]; s != nil {
		return *s
	}
	return signature.Row{}
}

// Meaning says what the finding means; "" where the table does not have its ID.
func (f Finding) Meaning() string { return f.Signature().Meaning }
