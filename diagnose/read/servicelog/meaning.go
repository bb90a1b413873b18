package servicelog

// Signature returns what the table has of the finding's ID; the zero value for an ID that it does not have. Its lists
// are the table's own.
func (f Finding) Signature() Signature {
	if s := signatureByID()[f.ID]; s != nil {
		return *s
	}
	return Signature{}
}

// Meaning says what the finding means; "" where the table does not have its ID.
func (f Finding) Meaning() string { return f.Signature().Meaning }
