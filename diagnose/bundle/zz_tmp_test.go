package bundle
import ("testing";"bytes";"math/rand";"strings";"time";"fmt")
func TestTmpGrammar(t *testing.T){
 frag:=[]string{"password","token","auth","Authorization","Cookie","session","api_key","dsn","pwd","secret","--password","-a","redis-cli ","mysql ","-p","curl ","-u ","://","http://","redis://","@","@tcp(","=",":",": "," = ","=>","==","\"","'","`","\\","\\\"","\\n","[","]","{","}","(",")","<",">","<masked>","<mask",",",";","&","|","\n"," ","\t","abc","hunter2","9f8e7d6c5b4a3210","Bearer ","Basic dXNlcjpwYXNz","eyJhbGciOiJIUzI1.eyJzdWIi.abc","ghp_0123456789abcdefghij0123456789","-----BEGIN PRIVATE KEY-----","-----END PRIVATE KEY-----","MIIEpAIBAAKCAQEA","${X}","$DB_PASSWORD","%s","{x}","None","b'","u'","\r","\x00","é","\xff","  File \"x\", line 3\n","Digest ","a=b; c=d","2026-11-23T19:14:00.1Z stdout P ","2026-11-23T19:14:00.1Z stderr F ","\n2026-11-23T19:14:00.1Z stdout F ","/","?key=","?",".","-","_","SecretStr(","host:3306","\"Env\":[","\"A=b\"","\"password\":","{\"","\"}"}
 r:=rand.New(rand.NewSource(time.Now().UnixNano()))
 bad:=0; end:=time.Now().Add(40*time.Second); n:=0
 for time.Now().Before(end)&&bad<8 {
  var sb strings.Builder; k:=1+r.Intn(14); for range k { sb.WriteString(frag[r.Intn(len(frag))])}
  data:=[]byte(sb.String())
  for _,name:=range []string{"a.txt","a.json","a.jsonl",FileLogs}{ n++
   b:=testBundle(); b.Put(name,bytes.Clone(data)); b.Redact(); f,_:=b.File(name); m:=fmt.Sprint(b.Manifest().Masked); b.Redact(); g,_:=b.File(name)
   if !bytes.Equal(f,g)||m!=fmt.Sprint(b.Manifest().Masked){bad++; t.Errorf("%s %q\n 1 %q\n 2 %q %s",name,data,f,g,m)}
   if bytes.Count(f,[]byte("\n"))!=bytes.Count(data,[]byte("\n")){bad++; t.Errorf("lines %s %q\n 1 %q",name,data,f)}
  }
 }
 t.Log(n)
}
func TestTmpHostile(t *testing.T){
 for _,p:=range []string{"password","auth=","auth='","auth=\"","token","://","://:","://@","a://b:","@tcp(","pass.","-----BEGIN PRIVATE KEY-----","-----begin private key-----","eyJ","eyJa.","bearer ","basic ","cookie: a","cookie: a=","authorization: digest","authorization: x","redis-cli -a","mysql -p","curl -u a:","auth=,","auth=a,","[[[[[","auth=[","password=\\","ghp_","sk-","session=a;b","password=\"","password=<masked>","password=\n", "2026-11-23T19:14:00.1Z stdout P a\n","2026-11-23T19:14:00.1Z stdout P password=a\n","\\u0026token=a","token=a1a1a1a1"}{
  data:=[]byte(strings.Repeat(p,(8<<20)/len(p)))
  for _,name:=range []string{"a.txt",FileLogs}{
   b:=testBundle(); b.Put(name,data); s:=time.Now(); b.Redact(); d:=time.Since(s)
   if d>time.Second{ t.Logf("%q %s %v",p,name,d)}
  }
 }
}
