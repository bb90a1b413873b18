package servicelog

import "sync"

// signaturesByID is the table of signatures by their IDs.
var signaturesByID = sync.OnceValue(func() map[string]Signature {
	m := map[string]Signature{}
	for _, s := range Signatures() {
		m[s.ID] = s
	}
	return m
})

// Signature returns what the table has of the finding's ID; the zero value for an ID that it does not have.
func (f Finding) Signature() Signature { return signaturesByID()[f.ID] }

// Meaning says what the finding means; "" where the table does not have its ID.
func (f Finding) Meaning() string { return f.Signature().Meaning }
