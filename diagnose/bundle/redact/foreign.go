package redact

import (
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/ascii"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/keyname"
	"github.com/gwdoctor/gwdoctor/diagnose/bundle/redact/look"
)

// foreignNames are words for a password in other scripts, in the cases in which a line has them.
var foreignNames = []string{"пароль", "Пароль", "ПАРОЛЬ", "密码", "密碼", "口令", "パスワード", "暗証番号", "비밀번호", "κωδικός",
	"كلمة المرور", "סיסמה", "mật khẩu", "hasło", "Hasło", "şifre", "Şifre", "lösenord", "jelszó", "รหัสผ่าน", "पासवर्ड"}

func foreignLiterals() []literal {
	var list []literal
	for _, name := range foreignNames {
		list = append(list, literal{ascii.Lowered(name), foreignRule})
	}
	return list
}

// foreignRule masks the value behind such a name.
func foreignRule(p *pass, at, n int) int {
	f := found{class: keyname.Strong, left: at, right: at + n, before: p.Before(at)}
	if j := p.SkipBlanks(p.closeName(&f)); j+3 <= p.End && string(p.Text[j:j+3]) == "：" { // full-width
		f.joint = look.Loose
		if v := p.SkipBlanks(j + 3); p.value(&f, v) {
			return max(p.act(&f), f.right)
		}
	}
	if p.findValue(&f) {
		return max(p.act(&f), f.right)
	}
	return f.right
}
