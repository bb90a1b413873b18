package keyname

import "testing"

// TestOf: what names promise, in the ways in which programs write them.
func TestOf(t *testing.T) {
	for name, want := range map[string]Class{
		"DB_PASSWORD": Strong, "dbPassword": Strong, "X-Api-Key": Strong, "STRIPE_KEY": Token, "csrf_token": Token,
		"pin": Code, "user_code": Code, "session": Weak, "sort_key": None, "row-key": None, "pwd": Pwd,
		"Authorization": Header, "Set-Cookie": Cookie, "token_type": None, "NoCredentialsError": None,
		"missing_secret": None, "bypass": None, "secretary": None, "user": None, "": None,
	} {
		if got := Of([]byte(name)); got != want {
			t.Errorf("%q is of class %d, want %d", name, got, want)
		}
	}
}
