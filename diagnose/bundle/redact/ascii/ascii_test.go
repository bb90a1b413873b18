package ascii

import (
	"strings"
	"testing"
	"unicode"
)

// TestClasses holds each class against what the Unicode tables and the alphabet itself say of all 256 bytes.
func TestClasses(t *testing.T) {
	letters := "abcdefghijklmnopqrstuvwxyz"
	upper, digits := strings.ToUpper(letters), "0123456789"
	for name, tt := range map[string]struct {
		is  func(byte) bool
		set string
	}{
		"lower": {IsLower, letters}, "upper": {IsUpper, upper}, "digit": {IsDigit, digits},
		"alnum": {IsAlnum, letters + upper + digits}, "base62": {IsBase62, letters + upper + digits},
		"key": {IsKeyByte, letters + upper + digits + "_-."}, "wordish": {IsWordish, letters + upper + digits + "_-"},
		"tokenish": {IsTokenish, letters + upper + digits + "_-."}, "upper or digit": {IsUpperNum, upper + digits},
		"base64": {IsBase64, letters + upper + digits + "+/=-_"},
		"path":   {IsPath, letters + upper + digits + "+/=-_.@%:"}, "hash": {IsHash, letters + upper + digits + "+/=-_.$,:"},
		"hex": {IsHexDigit, digits + "abcdefABCDEF"}, "bot": {IsBot, letters + upper + digits + "_-:"},
		"space": {IsSpace, " \t\n\r\v\f\x00"}, "blank": {IsBlank, " \t"}, "quote": {IsQuote, "\"'`"},
	} {
		for c := range 256 {
			if got, want := tt.is(byte(c)), strings.IndexByte(tt.set, byte(c)) >= 0; got != want {
				t.Errorf("%s of %q: %v", name, byte(c), got)
			}
		}
	}
	for c := range 128 {
		if got, want := rune(LowerByte(byte(c))), unicode.ToLower(rune(c)); got != want {
			t.Errorf("lower of %q: %q", rune(c), got)
		}
	}
	for c := 128; c < 256; c++ {
		if LowerByte(byte(c)) != byte(c) {
			t.Errorf("byte %#x has no case", c)
		}
	}
}

func TestHexDigit(t *testing.T) {
	for c, want := range map[byte]int{'0': 0, '9': 9, 'a': 10, 'f': 15, 'A': 10, 'F': 15, 'g': -1, 'G': -1, '/': -1,
		':': -1, '@': -1, '`': -1, 0xff: -1} {
		if got := HexDigit(c); got != want {
			t.Errorf("%q: %d, want %d", c, got, want)
		}
	}
}

// TestAmong: a word of a set, in any case, and nothing shorter, longer or beside it.
func TestAmong(t *testing.T) {
	set := Words("password  passwd\n\tpin")
	for word, want := range map[string]bool{"password": true, "PassWd": true, "PIN": true, "pi": false, "pins": false,
		"": false, "pass word": false, strings.Repeat("p", longestWord+1): false, "paßwd": false} {
		if got := Among(set, []byte(word)); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("a word that Among cannot find was taken")
		}
	}()
	Words(strings.Repeat("x", longestWord+1))
}

func TestFold(t *testing.T) {
	for _, tt := range []struct {
		text, lower string
		has, is     bool
	}{
		{"PassWord", "password", true, true}, {"Password=x", "password", true, false}, {"pass", "password", false, false},
		{"", "", true, true}, {"x", "", true, false}, {"P\xc4SS", "p\xe4ss", false, false},
	} {
		if got := HasFold([]byte(tt.text), tt.lower); got != tt.has {
			t.Errorf("%q has %q: %v", tt.text, tt.lower, got)
		}
		if got := IsFold([]byte(tt.text), tt.lower); got != tt.is {
			t.Errorf("%q is %q: %v", tt.text, tt.lower, got)
		}
	}
	if got := Lowered("DB_Pass\xc4É"); got != "db_pass\xc4É" {
		t.Errorf("%q", got)
	}
}

func TestIsNumber(t *testing.T) {
	for word, want := range map[string]bool{"5432": true, "": true, "5a": false, "-1": false, "1.5": false, " 1": false} {
		if got := IsNumber([]byte(word)); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}

func TestOneOfAndHolds(t *testing.T) {
	if !OneOf(',', ";,") || OneOf('.', ";,") || OneOf(0, "") {
		t.Error("OneOf")
	}
	if !Holds([]byte("a password"), "pass") || Holds([]byte("a PASS"), "pass") || !Holds(nil, "") {
		t.Error("Holds")
	}
}
