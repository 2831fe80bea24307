"""The forms in which a secret can stand in evidence, and lines that look alike but have to stay as they are.

LINES take the secret at `{}`, in one line. BLOCKS are functions from a secret to bytes: forms of several lines and encodings.
"""

import base64
import gzip
import json
import zlib

KEYS = """password Password db_password DB_PASS smtp_pass pass passwd pwd db_pwd userPwd passphrase passcode secret clientSecret client_secret
 MSI_SECRET AWS_SECRET_ACCESS_KEY sharedSecret accountKey account_key storageAccountKey accessKey SharedAccessKey primaryKey workspaceKey apikey
 api-key API_KEY private_key subscription-key Ocp-Apim-Subscription-Key functionKey masterKey signingKey encryptionKey x-ms-encryption-key
 licenseKey registrationKey instrumentationKey validationKey decryptionKey wep-key0 psk wpa_psk pre-shared-key token GITHUB_TOKEN apiToken
 bearerToken X-Auth-Token X-Vault-Token id_token refreshToken sasToken SAS_TOKEN snapshotTaskToken csrf_token credential connectionString
 credString customData user_data userData protectedSettings objectStr""".split()
KEYED = ["{key}={} next=1", "  {key}: {}", '{{"{key}":"{}","n":1}}', "{{'{key}': u'{}', 'n': 1}}", r'\"{key}\": \"{}\", \"n\": 1', r'\\\"{key}\\\":\\\"{}\\\"',
         r"\u0022{key}\u0022:\u0022{}\u0022", "&quot;{key}&quot;:&quot;{}&quot;", "%22{key}%22%3A%22{}%22", "<{key}>{}</{key}>", "&lt;{key}&gt;{}&lt;/{key}&gt;",
         r"\u003c{key}\u003e{}\u003c/{key}\u003e", '<a {key}="{}" b="1"/>', 'export {key}="{}"']

LINES = {
    "name and value": '{{"name": "DB_PASSWORD", "value": "{}"}}', "name and value, escaped": r'{{\"name\": \"DB_PASSWORD\", \"value\": \"{}\"}}',
    "Key and Value": '{{"Key": "adminPassword", "Value": "{}"}}', "appSettings": '<add key="Password" value="{}"/>',
    "parameter": "<Parameter name='sqlPassword' value='{}'/>", "secureString": '"adminPassword": {{"type": "SecureString", "value": "{}"}}',
    "nested": '"adminPassword": {{"value": {{"deep": "{}"}}}}, "n": 1', "quote inside": '"password":"ab\\"{}","x":1', "to the end": "password = two words {}",
    "with delimiters": "PASSWORD=ab&{}|)x", "after a semicolon": "PASSWORD=ab;{}", "cdata": "<Password><![CDATA[{}]]></Password>",
    "namespace": '<ns1:UserPassword xsi:type="x">{}</ns1:UserPassword>', "autologon": "<AutoLogon><Password><Value>{}</Value></Password></AutoLogon>",
    "encrypted password": "<EncryptedPassword>{}</EncryptedPassword>", "machine key": '<machineKey validationKey="{}" decryptionKey="{}"/>',
    "connection string": "Server=tcp:db;User ID=sa;Pwd={};Encrypt=True", "storage connection": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=x",
    "service bus": "Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey={}=", "create login": "CREATE LOGIN [x] WITH PASSWORD = N'{}', CHECK_POLICY=OFF",
    "identified by": "CREATE USER x IDENTIFIED BY '{}'", "sentence": "the password is {}7!", "netrc": "machine h login u password {}", "omapi": '  secret "{}";',
    "fstab": "//h/s /m cifs username=u,password={},vers=3.0 0 0", "cifs pass": "mount -t cifs //h/s /m -o user=u,pass={}", "chpasswd user": "  - {{name: u, password: {}, type: text}}",
    "registry": '"DefaultPassword"="{}"', "unit": 'Environment="DB_PASSWORD={}"', "audit": 'type=EXECVE msg=audit(1.1:1): argc=3 a0="x" a1="--password" a2="{}"',
    "python list": "['az', 'login', '--password', '{}']", "netplan": '    password: "{}"',
    "sas": "https://a.blob.core.windows.net/c?sv=1&sig={}%2Bx&se=2", "sas in xml": "https://a/c?sv=1&amp;sig={}&amp;se=2", "sas in json": r"https://a/c?sv=1\u0026sig={}\u0026se=2",
    "sas escaped whole": r"https:\/\/a/c?sv\u003d1\u0026sig\u003d{}\u0026se\u003d2", "sas in json in json": r"?sv=1\\u0026sig\\u003d{}\\u0026se=1", "sas encoded": "u=https%3A%2F%2Fa%3Fsv%3D1%26sig%3D{}%26se%3D2",
    "sas encoded twice": "sv%253D1%2526sig%253D{}%2526se%253D2", "sas hex": r"?sv=1\x26sig\x3d{}\x26se=1", "sas entity": "?sv=1&#38;sig={}&#38;se=1", "sas hex entity": "?sv=1&#x26;sig&#x3D;{}&#x26;se=1",
    "sas upper": "?SV=1&SIG={}&SE=2", "sas as json key": '{{"sv":"1","sig":"{}"}}', "sas parsed": "{{'sv': ['2020'], 'sig': ['{}']}}", "sas pair": "('sig', '{}')",
    "sas first": "https://a/c?sig={}&sv=1", "service bus sas": "SharedAccessSignature sr=x&sig={}&se=1&skn=k", "request line": "GET /c/b?comp=block&sig={} HTTP/1.1",
    "function": "https://f.azurewebsites.net/api/x?code={}{}==&y=1", "webhook": "https://s1events.azure-automation.net/webhooks?token={}%3d",
    "proxy": "http://user:{}@proxy:3128/", "proxy, at sign": "http://user:p@{}@proxy:3128/", "proxy, slash": "http://user:ab/{}@proxy:3128/", "proxy, hash": "http://user:ab#{}@proxy:3128",
    "proxy, domain": r"http://corp\user:{}@proxy:80", "proxy, no user": "redis://:{}@host:6379/0", "proxy in json": r"http:\/\/user:{}@proxy:80\/", "proxy, unicode": r"http://user:{}\u0040proxy:80",
    "proxy encoded": "http%3A%2F%2Fuser%3A{}%40proxy%3A80", "proxy, no scheme": "https_proxy=user:{}@proxy:80", "agent proxy": "HttpProxy.Host=user:{}@proxy", "apt": 'Acquire::http::Proxy "http://u:{}@p:8080";',
    "winhttp": "    Proxy Server(s) :  http=anna:{}@proxy:80", "git token": "https://{}@github.com/x", "jdbc": "jdbc:postgresql://h/db?user=u&password={}", "basic proxy": "proxy_password={}",
    "bearer": "Authorization: Bearer {}", "bearer in a dict": "{{'Authorization': 'Bearer {}'}}", "copy source": "x-ms-copy-source-authorization: Bearer {}", "shared key": "Authorization: SharedKey acct:{}=",
    "negotiate": "Authorization: Negotiate {}", "digest": 'Authorization: Digest username="u", response="{}"', "cookie": "Set-Cookie: session={}; path=/", "identity": "X-IDENTITY-HEADER: {}",
    "direct drive": "DDSnapshotIdentifier Information to CRP- id : 5 token : {}", "status token": '"directDriveSnapshotIdentifier": {{"id": "5", "token": "{}"}}',
    "disk encryption": '"DiskEncryptionSettings": {{"k": {{"u": "{}"}}}}, "x": 1', "disk encryption header": "x-ms-meta-DiskEncryptionSettings: {}", "vault": "https://kv1.vault.azure.net/secrets/n/{}",
    "managed hsm": "https://kv1.managedhsm.azure.net/keys/n/{}", "command": '"commandToExecute": "sh x.sh {}"', "command escaped": r'\"commandToExecute\": \"sh x.sh {}\"', "command in log": "commandToExecute: sh deploy.sh {}",
    "--password": "x --password {} y", "--password=": "x --password={} y", "--admin-password": "az vm create --admin-password {} -n x", "-AdminPassword": "New-X -AdminPassword {} -Y", "-Password": "New-X -Password '{}'",
    "/p:": "setup /p:{}", "/password:": "wmic /user:x /password:{}", "/rp": "schtasks /create /ru u /rp {}", "--token": "kubeadm join --token {} h:6443", "--api-token": "x --api-token {}", "--account-key": "az storage blob list --account-key {}",
    "--client-secret": "app --client-secret {}", "mysql": "mysql -u root -p{} db", "mysqldump": "mysqldump -uroot -p{} --all", "mysql in audit": 'a0="mysql" a1="-uroot" a2="-p{}"', "sshpass": "sshpass -p {} ssh x", "docker": 'docker login -u x -p "{}" reg',
    "sqlcmd": "sqlcmd -S h -U sa -P {} -Q q", "curl -u": "curl -u user:{} https://x", "curl --user": "curl --user user:{} https://x", "curl -U": "curl -U pu:{} -x p:80 https://x", "curl -x": "curl -x user:{}@proxy:8080 https://x",
    "curl header": "curl -H 'X-Api-Key: {}' x", "net user": "net user bob {} /add", "net use": r"net use \\h\s {} /user:u", "chpasswd": "echo bob:{} | chpasswd", "kinit": "echo {} | kinit", "passin": "openssl rsa -passin pass:{} -in x",
    "plink": "plink -pw {} host", "psexec": r"psexec \\h -u u -p {} cmd", "ldap": "ldapsearch -x -D cn=a -w {} -b dc=x", "smbclient": "smbclient //h/s -U user%{}", "sqlplus": "sqlplus system/{}@db", "secure string": "ConvertTo-SecureString '{}' -AsPlainText -Force",
    "xml in xml": "&amp;quot;password&amp;quot;:&amp;quot;{}&amp;quot;", "element in xml in xml": "&amp;lt;Password&amp;gt;{}&amp;lt;/Password&amp;gt;", "json encoded twice": "%2522password%2522%253A%2522{}%2522",
    "json in json encoded": "%5C%22password%5C%22%3A%5C%22{}%5C%22", "sas encoded three times": "sv%25253D1%252526sig%25253D{}%252526se%25253D2", "sas on its own": "  sig: {}", "sas quoted": 'sig="{}"',
    "signature": "https://x/k?Expires=1&X-Amz-Signature={}&x=1", "reg query": "    DefaultPassword    REG_SZ    {}", "reg query, key": "    AccountKey    REG_EXPAND_SZ    {} x", "two columns": "accountKey\t{}",
    "table": "| password | {} |", "arrow": "password -> {}", "wide colon": "password：{}", "german": "Kennwort: {}", "french": "mot de passe : {}", "chinese": "密码：{}", "japanese": "パスワード: {}",
    "bind password": "bindpw={}", "pw": "pw={}", "pass phrase": "Enter pass phrase: {}", "client key": "client-key-data: {}", "functions key": "x-functions-key: {}",
    "registry of images": '{{"auths":{{"x.azurecr.io":{{"auth":"{}"}}}}}}', "bearer in a URL": "Authorization=Bearer%20{}", "name and value in XML": "<name>adminPassword</name><value>{}</value>",
    "property list": "<key>Password</key><string>{}</string>", "user at host": "elastic:{}@h:9200", "pem in a URL": "-----BEGIN%20PRIVATE%20KEY-----%0A{}%0A-----END%20PRIVATE%20KEY-----",
    "pem, dashes spelt out": r"\u002d\u002dBEGIN PRIVATE KEY\u002d\u002d\n{}\n", "rsa in xml": "<RSAKeyValue><Modulus>x</Modulus><P>{}</P><D>{}</D></RSAKeyValue>", "jwk": '{{"kty":"RSA","n":"x","d":"{}"}}',
    "ldap hash": "userPassword: {{SSHA}}{}", "shadow": "bob:{}:19000:0:99999:7:::", "not decrypted": 'JSON exception decoding {{"storageAccountKey": "x", "z": "{}"}}',
    "not decrypted, newer": 'JSON exception decoding decrypted protected settings: {{"any": "{}"}}', "curl -u, attached": "curl -uadmin:{} https://x", "curl -sSku": "curl -sSku admin:{} https://x",
    "curl in audit": 'type=EXECVE msg=audit(1:1): argc=2 a0="curl" a1="-uuser:{}"', "curl cookie": "curl -b 'session={}' x", "sudo": "echo {} | sudo -S ls", "realm": "echo {} | realm join -U admin corp",
    "here-string": "passwd --stdin root <<< '{}'", "usermod in a list": "Running command ['usermod', '-p', '{}', 'root']", "net use, user first": r"net use Z: \\a\s /u:AZURE\a {}", "netdom": "netdom join h /ud:u /pd:{}",
    "sp_addlogin": "EXEC sp_addlogin 'u', '{}'", "mysqladmin": "mysqladmin -u root password {}", "vault secret": "az keyvault secret set --vault-name v --value {}", "omsadmin": "omsadmin.sh -w 1 -s {} -v",
    "behind a line feed in json": r'"x": "first\nnet user bob {} /add\nlast"', "sas behind a line feed in json": r'"x":"a\\nsig={}\\nb"', "cookie in json in json": r'\\\"Set-Cookie\\\":\\\"s={}; Path=/\\\"',
    "rsa, escaped": "&lt;RSAKeyValue>&lt;P>{}&lt;/P>&lt;D>{}&lt;/D>", "jwk in json": r'{{\"kty\":\"RSA\",\"d\":\"{}\"}}', "flags in xml": "[&quot;--password&quot;, &quot;{}&quot;]", "secure string in json": r'"x": "ConvertTo-SecureString -String \"{}\" -AsPlainText"',
    "setx": "setx DB_PASSWORD {}", "-key": "sh deploy.sh -key {}", "--x-key": "rclone --azureblob-key {} ls",
    "curl -u in audit": 'type=EXECVE msg=audit(1:1): a0="curl" a1="-u" a2="user:{}" a3="https://x"', "curl -u in audit in xml": "a0=&quot;curl&quot; a1=&quot;-u&quot; a2=&quot;user:{}&quot;",
    "curl -u, attached, in xml": "a0=&quot;curl&quot; a1=&quot;-uuser:{}&quot;", "here-string in xml": "<Data>chpasswd &lt;&lt;&lt; &quot;root:{}&quot;</Data>", "here-string in json": r'"x": "chpasswd \u003c\u003c\u003c root:{}"',
    "two words in quotes": 'x --password "two {}" -y', "two words in a list": "['az', '--password', 'two {}', '-y']", "two words in audit": 'a1="--password" a2="two {}" a3="-y"',
    "31 backslashes": r'"password" : "{}"'.replace('"', "\\" * 15 + r'\"'), "name server": 'key "k" {{ algorithm hmac-sha256; secret "{}=="; }};', "ppp": '"bob" * "{}7" *', "ppp, any client": "bob  *  {}7",
    "snmp community": "rocommunity {} default", "snmp community of a network": "com2sec local localhost {}", "snmp user": 'createUser u SHA "{}" AES "{}"', "snmp command": "snmpwalk -v2c -c {} h .1.3",
    "snmp trap": "trap2sink 10.1.2.3 {}", "words with articles": "password: the {} is on a hill", "service": "sc config x obj= u password= {}", "useradd": "useradd -p {} bob", "psql": "PGPASSWORD={} psql -h x", "env": "with environment variables: {{'PATH': '/bin', 'DB_PASSWORD': '{}'}}",
}

# Forms of a line that tell the secret by a program, a directive or a sentence, where nothing but the true end of the value counts.
LINES.update({
    "padded by PowerShell": "AdminPassword                    : {}", "doubled quote": "password: 'ab''{}'", "quote of a shell": """--password 'ab'"'"'{}' x""", "triple quotes": 'password = """{}"""',
    "two words, other quote": "run --password 'it\"s {}' -x", "go dump": "{{Name:app Password:ab {} Port:1}}", "java dump": "Login(name=app, password=ab {}, port=1)",
    "curl, password in quotes": "curl -u app:'a;{}' https://x", "curl in json": r'{{"run": "curl -u \"app:{}\" https://x"}}', "curl in bash -c": r'bash -c "curl -u \"app:{}\" https://x"',
    "argv list": '["redis-cli", "-a", "{}", "ping"]', "argv list, escaped": r'msg="exec [\"curl\", \"-u\", \"app:{}\"]"', "audit, single letter": 'type=EXECVE msg=audit(1.1:1): argc=3 a0="smbclient" a1="-U" a2="app%{}"',
    "audit, without quotes": "type=EXECVE msg=audit(1.1:1) : argc=3 a0=mysql a1=-uroot a2=-p{}", "audit, hex argument": "json {{}} --password {}", "htpasswd": "htpasswd -b /etc/x.users app {}", "rman": "rman target sys/{}@db",
    "lftp": "lftp -u app,{} ftp.example", "splunk": "splunk list index -auth app:{}", "openssl passwd": "openssl passwd -1 {}", "rabbitmqctl": "rabbitmqctl add_user app {}", "nmcli": "nmcli dev wifi connect Net password {}",
    "db2": "db2 connect to s user app using {}", "iscsi": "iscsiadm -m node -n node.session.auth.password -v {}", "aws configure": "aws configure set aws_secret_access_key {}", "kadmin": "kadmin -p adm/admin -w {}",
    "hana": "hdbuserstore SET KEY host:30015 APP {}", "setenv": "setenv DB_PASSWORD {}", "trace of echo": "+ echo 'root:{}'", "expect": r'expect "assword:"; send "{}\r"', "curl --cert": "curl --cert c.pem:{} https://x",
    "reg add": r"reg add HKLM\X /v DefaultPassword /t REG_SZ /d {} /f", "certutil": "certutil -p {} -importpfx a.pfx", "signtool": "signtool sign /f a.pfx /p {} x.exe", "ktpass": "ktpass /princ a /pass {} /out b",
    "net.exe in quotes": r'"C:\Windows\system32\net.exe" user app {} /add', "rdp": "rasdial VPN app {}", "secure string in brackets": 'Set-X -Password (ConvertTo-SecureString -AsPlainText -Force -String "{}")',
    "network credential": "[Net.NetworkCredential]::new('app', '{}')", "item property": "Set-ItemProperty -Path HKLM:\\X -Name DefaultPassword -Value '{}'", "environment variable": "SetEnvironmentVariable('API_TOKEN', '{}', 'User')",
    "bound parameter": 'ParameterBinding(ConvertTo-SecureString): name="String"; value="{}"', "tuple": "[('user', 'app'), ('password', '{}')]", "define": "define('DB_PASSWORD', '{}');", "erlang": '{{password,"{}"}}', "rust": 'password: Some("{}")',
    "php": '["password"]=> string(9) "{}"', "print_r": "[password] => {}", "value before name": '{{"value":"{}","name":"DB_PASSWORD"}}', "secure type": '"x":{{"type":"SecureString","value":"{}"}}', "go name value": "[{{Name:dbPassword Value:{}}}]",
    "property": '<property name="db.password">{}</property>', "setting": '<setting name="ApiPassword"><value>{}</value></setting>', "encrypted password of SQL": "CREATE USER a WITH ENCRYPTED PASSWORD '{}';", "set password": "SET PASSWORD FOR a = PASSWORD('{}')",
    "identified by, bare": "CREATE USER a IDENTIFIED BY {} QUOTA 1", "insert": "INSERT INTO u (id, password, n) VALUES (1, '{}', 2);", "temporary password": "A temporary password is generated for a@h: {}", "set password for": "Set password for user app: {}",
    "with password": "login app with password {} failed", "using password": "refused for app using password '{}'", "sssd": "ldap_default_authtok = {}", "ldap": "bindpw {}", "ipsec": 'h1 h2 : PSK "{}"', "pgpass": "h:5432:d:u:{}",
    "cifs user": "//h/s /m cifs user=app%{},ro 0 0", "haproxy": "  user app insecure-password {}", "ospf": " ip ospf message-digest-key 1 md5 {}", "time server": "1 MD5 {}", "preseed": "d-i passwd/root-password password {}",
    "terraform": '~ password = "x" -> "{}"', "cloud.auth": 'cloud.auth: "app:{}"', "npm": "_auth={}", "redis auth": "REDISCLI_AUTH={}", "creds": "creds=app:{}", "hmac": "hmac_key = {}", "plain oracle": "jdbc:oracle:thin:app/{}@//h/s",
    "form": "body=%7B%22a%22%3A+%22x%22%7D&c=net+user+app+{}+%2Fadd", "url of a command": "GET /x?c=net%20user%20app%20{}%20%2Fadd HTTP/1.1", "unicode blanks": r'"m":"net\u0020user\u0020app\u0020{}\u0020/add"',
    "octal": r"net\040user\040app\040{}\040/add", "colours": "\x1b[31mnet user app {} /add\x1b[0m",
})
del LINES["audit, hex argument"]

# What issuers put a mark into: the mark with the letters around it, `{n}` for n letters or digits, of which some are a secret.
ISSUED = """ghp_{36} gho_{36} github_pat_{22}_{59} glpat-{20} xoxb-123456789012-{24} xapp-1-A012-{32} AIza{35} ya29.{60} sk_live_{24} rk_test_{24} npm_{36} SG.{22}.{43} sk-{48} sk-proj-{48} hvs.{24}
 hf_{34} dckr_pat_{27} 1234567890:AA{33} https://hooks.slack.com/services/T0/B0/{24} https://x.webhook.office.com/webhookb2/{36}/IncomingWebhook/{32} https://discord.com/api/webhooks/123456789012345678/{68}
 abc8Q~{34} {76}AZDO{4} {52}JQQJ99{26} {33}+ASb{5}= {33}+AEh{5}= {33}+ARm{5}= {33}AIoT{5}= {33}AzCaB{5}= {44}AzFu{5}A== {42}AzSeA{5} {42}+ACRB{5}""".split()


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def _pem(secret, kind="PRIVATE KEY", prefix="", end="\n", quote=""):
    lines = [f"-----BEGIN {kind}-----", b64(secret * 3)[:64], b64(secret * 2)[:64], secret, f"-----END {kind}-----"]
    return end.join(prefix + quote + line + quote + ("," if quote else "") for line in lines) + "\n"


def _hex(text):
    return ",".join(f"{byte:02x}" for byte in text.encode("utf-16-le"))


def _wrapped_hex(text):
    digits = _hex(text).split(",")
    return ",\\\r\n  ".join(",".join(digits[at:at + 20]) for at in range(0, len(digits), 20))


BLOCKS = {
    "pem": _pem, "pem, crlf": lambda s: _pem(s, end="\r\n"), "pem, stamps": lambda s: _pem(s, prefix="Nov  1 05:20:25 host prog[1]: "), "pem, indented": lambda s: _pem(s, prefix="      "),
    "pem, diff": lambda s: _pem(s, prefix="+"), "pem in a list": lambda s: "[" + _pem(s, quote="'"), "pem in json": lambda s: '"k": "' + _pem(s, end="\\n").strip() + '"\n', "pem in rsyslog": lambda s: "x: " + _pem(s, end="#012"),
    "openssh": lambda s: _pem(s, "OPENSSH PRIVATE KEY"), "pgp": lambda s: _pem(s, "PGP PRIVATE KEY BLOCK"), "pem, headers": lambda s: _pem(s).replace("\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1),
    "ssh2": lambda s: _pem(s, "SSH2 ENCRYPTED PRIVATE KEY").replace("-----", "---- ", 1).replace("KEY-----", "KEY ----"), "pem, cut": lambda s: _pem(s).split("-----END")[0],
    "putty": lambda s: f"PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 2\n{b64(s * 4)[:64]}\n{s}\n",
    "base64 lines": lambda s: f"{b64(s * 12)[:76]}\n{b64(s * 12)[76:152]}\n{s}==\nkept line\n", "certificates": lambda s: f"<Data>MII{b64(s * 4)[:61]}\n{b64(s * 4)[:64]}\n{s}==</Data>\n<X>kept</X>\n",
    "element": lambda s: f"<AdministratorPassword>\n  <Value>{s}</Value>\n</AdministratorPassword>\n<a>k</a>\n", "custom data": lambda s: f"<CustomData>{b64(s * 3)[:50]}\n{s}\n</CustomData>\n",
    "object": lambda s: f'"protectedSettings": {{\n  "any": "{s}",\n  "inner": {{"z": "{s}"}}\n}},\n"taskId": "kept"\n', "list": lambda s: f'"secrets": [\n  "{s}",\n  "{s}"\n],\n"x": 1\n', "next line": lambda s: f'"password":\n   "{s}"\n',
    "yaml block": lambda s: f"user_data: |\n  line one {s}\n  line two {s}\nnext: 1\n", "yaml folded": lambda s: f"  password: >-\n    {s}\n  next: y\n",
    "chpasswd": lambda s: f"chpasswd:\n  expire: false\n  list: |\n    root:{s}\n    bob:{s}\nnext: 1\n", "cloud-init output": lambda s: f"Set the following 'random' passwords\nubuntu:{s}\nnext\n",
    "registry hex": lambda s: f'"ImagePath"=hex(2):{_wrapped_hex("x.exe --password " + s)}\r\n"Next"=dword:1\r\n', "registry hex, one line": lambda s: f'"ImagePath"=hex(2):{_hex("x.exe /p:" + s)}\n',
    "registry hex, named": lambda s: f'"DefaultPassword"=hex(1):{_wrapped_hex(s)}\n', "audit hex": lambda s: f"type=PROCTITLE msg=audit(1.1:1): proctitle={('az login --password ' + s).encode().hex().upper()}\n",
    "audit command": lambda s: f"type=USER_CMD msg=audit(1.1:1): cwd=x cmd={('mysql -uroot -p' + s).encode().hex().upper()} terminal=t\n", "audit keys": lambda s: f"type=TTY msg=audit(1.1:1): tty pid=1 data={s.encode().hex().upper()}\n",
    "zlib": lambda s: f"Event: name=x, op=y, message={b64(zlib.compress(('Failed https://x?sig=' + s + '&se=1 timed out').encode()))}, duration=0\n",
    "gzip": lambda s: f"  content: {b64(gzip.compress(('password: ' + s).encode()))}\n", "script": lambda s: f'"script": "{b64("echo " + s)}"\n', "object string": lambda s: f'"objectStr": "{b64(json.dumps({"snapshotTaskToken": s}))}"\n',
    "base64 of a URL": lambda s: f"content: {b64('https://x.blob.core.windows.net/c?sv=1&sig=' + s + '&se=1')}\n", "base64 of json": lambda s: '"v": "' + b64(json.dumps({"a": 1, "password": s})) + '"\n',
    "base64 of a script": lambda s: f"data={b64('#!/bin/sh' + chr(10) + 'export DB_PASSWORD=' + s)}\n", "base64 of UTF-16": lambda s: f"x {b64(('net user bob ' + s + ' /add').encode('utf-16-le'))} y\n",
    "base64 behind a prefix": lambda s: f"see name_{b64('password=' + s + '; echo done and more')} there\n", "base64 of a key": lambda s: '"c": "' + b64(_pem(s)) + '"\n', "base64 for URLs": lambda s: f"x={base64.urlsafe_b64encode(f'??>>password={s}&'.encode()).decode()}\n",
    "base64 in base64": lambda s: f"x {b64('echo ' + b64('echo password=' + s) + ' | base64 -d')}\n", "base64 in json, wrapped": lambda s: '"v": "' + "\\n".join([b64("password: " + s * 3)[at:at + 40] for at in range(0, 80, 40)]) + '"\n',
    "write_files": lambda s: f"write_files:\n- path: /etc/x\n  encoding: b64\n  content: {b64('password: ' + s)}\n",
    "name above value": lambda s: f'{{\n "name": "DB_PASSWORD",\n "slot": false,\n "value": "{s}"\n}}\n', "name above value in XML": lambda s: f"<Name>adminPassword</Name>\n<Value>{s}</Value>\n",
    "name above value, escaped": lambda s: f"&quot;name&quot;: &quot;DB_PASSWORD&quot;,\n&quot;value&quot;: &quot;{s}&quot;\n", "flag above": lambda s: f"args:\n  - --password\n  - {s}\n", "flag above in a list": lambda s: f"['az',\n '--password',\n '{s}']\n", "flag with a backslash": lambda s: f"az login --password \\\n   {s}\n",
    "encoded command": lambda s: f"powershell -NoProfile -EncodedCommand {b64(('x ' + s).encode('utf-16-le'))}\n", "jwt": lambda s: f"tok {b64('{' + chr(34) + 'alg' + chr(34) + ':1}').rstrip('=')}.{b64('{' + chr(34) + 'a' + s)}.{s}\n".replace("=", ""),
    "storage key": lambda s: f"it is {(s * 5)[:86]}== here\n", "crypt": lambda s: f"root:$6$salt${(s * 5)[:86]}:19000::::::\n", "pkcs8": lambda s: f"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg{(s * 6)[:130]}\n",
    "utf-16": lambda s: ("\ufeffline\r\nx?sig=" + s + "&se=1\r\n").encode("utf-16-le"), "utf-16, big end": lambda s: ("line\r\nx?sig=" + s + "&se=1\r\n").encode("utf-16-be"),
    "narrow after utf-16": lambda s: ("\ufeff" + "a line of text\r\n" * 3).encode("utf-16-le") + f"x?sig={s}&se=1\r\n".encode(),
    "utf-16 out of step": lambda s: ("\ufeff" + "a line of text\r\n" * 3).encode("utf-16-le") + b"an odd number of narrow bytes\r\n" + f"x?sig={s}&se=1\r\n".encode("utf-16-le"),
    "utf-16 after narrow": lambda s: b"narrow line\r\n" * 3 + f"x?sig={s}&se=1\r\n".encode("utf-16-le"), "pem in utf-16 after narrow": lambda s: b"narrow line\r\n" * 400 + _pem(s, end="\r\n").encode("utf-16-le"),
    "drawn table": lambda s: f"+---+----------+\n| u | password |\n+---+----------+\n| a | {s} |\n+---+----------+\nkept\n", "table of psql": lambda s: f" u | password \n---+----------\n a | {s}\n(1 row)\n",
    "csv": lambda s: f"host,user,password,port\nh,a,{s},22\nh,b,{s},22\nkept\n", "columns of PowerShell": lambda s: f"UserName Password Domain\n-------- -------- ------\na        {s} CORP\n\nkept\n",
    "heredoc": lambda s: f"chpasswd <<EOT\nroot:{s}\nEOT\n", "backtick": lambda s: f"New-X `\n  -AdminPassword `\n  \"{s}\"\n", "mof": lambda s: f" Key = \"Password\";\n Value = \"{s}\";\n", "secret of Kubernetes": lambda s: f"kind: Secret\ndata:\n  x: {s}\nstringData:\n  y: {s}\n---\n",
    "numbers of the journal": lambda s: json.dumps({"MESSAGE": list(f"password: {s} = x".encode())}) + "\n", "hex with 0x": lambda s: f"data 0x{('password=' + s).encode().hex()}\n", "dump": lambda s: "".join(
        f"{at:08x}  {' '.join('%02x' % byte for byte in row):47}  |{row.decode()}|\n" for at in range(0, 48, 16) for row in [f"password = {s};".encode()[at:at + 16]] if row),
    "hex argument": lambda s: f'type=EXECVE msg=audit(1.1:1): argc=3 a0="sh" a1="-c" a2={("echo root:" + s + " | chpasswd").encode().hex().upper()}\n', "chap": lambda s: f"# client server secret IP\na h {s} 10.1.1.1\n",
}
# What must not be found when the secret went through an encoding.
TRACES = [lambda s: s.encode(), lambda s: s.encode("utf-16-le"), lambda s: s.encode("utf-16-be"), lambda s: s.encode().hex().upper().encode(), lambda s: _hex(s).encode(),
          lambda s: b64(s * 3)[4:40].encode()]

KEPT = r"""
2026-11-23T05:20:20Z ERROR ExtHandler Error fetching goal state: [ProtocolError] unclosed token: line 4, column 16
not well-formed (invalid token): line 1, column 0
Provisioning.DeleteRootPassword=n
'hasPrivateKey': False, 'thumbprint': u'A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1'
Wire server endpoint:168.63.129.16
http://168.63.129.16:32526/versions
-A OUTPUT -d 168.63.129.16/32 -p tcp -m tcp --dport 53 -j ACCEPT
ii  libsecret-1-0:amd64
WALinuxAgent-2.11.1.4
https://md-abc.z1.blob.storage.azure.net/x?sv=2020&sr=b&sp=rw&se=2026-01-01T00:00:00Z
"protectedSettings": null, "taskId": "7"
"protectedSettingsCertThumbprint": "0123456789ABCDEF0123456789ABCDEF01234567"
PasswordAuthentication no
*** REDACTED ***
Failed to decrypt protected settings using both CMS and SMIME commands
169.254.169.254:80
sig=<SAS_SIGNATURE>
    Proxy Server(s) :  10.1.2.3:3128
    Bypass List     :  *.corp;10.*
https://host:443/x@y
System.Data, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089
Nov 23 05:10:11 vm systemd[1]: user@1000.service: Succeeded.
openssl pkcs12 -nomacver -password pass: -in /var/lib/waagent/Certificates.pfx -out x
mkdir -p /var/lib/waagent/x1
ssh -p 22 root@10.1.2.3
install -p -m 644 a1b2c3 d4e5
<Code>AuthenticationFailed</Code><Message>Make sure the value of Authorization header is formed correctly including the signature.</Message>
Signature not valid in the specified time frame: Start [Mon] - Expiry [Tue] - Current [Wed]
Failed password for root from 10.1.2.3 port 51234 ssh2
audit: type=1400 audit(1.1:2): apparmor="STATUS" operation="profile_load" name="/usr/bin/man" comm="apparmor_parser" key=(null)
type=SYSCALL msg=audit(1.1:2): arch=c000003e syscall=59 success=yes exit=0 a0=55d1c0a8 a1=55d1c0b0 a2=55d1c0b8 key=(null)
type=PROCTITLE msg=audit(1.1:2): proctitle=2F7573722F62696E2F707974686F6E33002D75002F7573722F7362696E2F7761616167656E74002D6461656D6F6E
"DhcpInterfaceOptions"=hex:f5,00,00,00,00,00,00,00,04,00,00,00,00,00,00,00,55,5a,3b,6a,a8,3f,81,10
"ImagePath"=hex(2):43,00,3a,00,5c,00,57,00,69,00,6e,00,64,00,6f,00,77,00,73,00
2026-11-23 05:28:33 [Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0]inside while with sig_handle 0
option unknown-245 a8:3f:81:10;
[PERIODIC] [HTTP Failed] GET http://168.63.129.16/machine/?comp=goalstate -- IOError timed out -- 6 attempts made
Certificate with thumbprint ABCDEF0123456789ABCDEF0123456789ABCDEF01 has no matching private key.
6f1ed002ab5595859014ebf0951522d9d1e5a3e4b6c7d8e9f0a1b2c3d4e5f607  waagent
Executing command: main/handle.sh enable with environment variables: {'ConfigSequenceNumber': '7', 'PATH': '/usr/bin'}
Agent WALinuxAgent-2.11.1.4 launched with command 'python3 -u bin/WALinuxAgent-2.11.1.4-py3.8.egg -run-exthandlers' is successfully running
message=eJxzS8zMSU1RSEksSVTIyCxWKE4tKi5RKC5JLAEAejkJEQ==
passwd:         files systemd
-rw------- 1 root root 1704 2026-11-23 05:20:20.000000000 +0000 TransportPrivate.pem
docker run --user 1000:1000 -p 80:80 img
C:\Windows\System32\svchost.exe -k netsvcs -p -s Schedule
mysql -u root -p
unzip -p logs.zip x
curl -x proxy:8080 https://x
git@github.com:Azure/WALinuxAgent.git
Server=tcp:db;User ID=sa;Encrypt=True
Windows Server\CurrentVersion
State: [1] Stable
x-ms-version: 2018-03-28 key: Value keyword
"keyName": "key1"
-A OUTPUT -m owner --uid-owner 0 -j ACCEPT
    Start    REG_DWORD    0x3
    ImagePath    REG_EXPAND_SZ    C:\WindowsAzure\Packages\WaAppAgent.exe
    PasswordExpiryWarning    REG_DWORD    0x5
Password expiration information
PasswordAuthentication yes
token accepted
message: VGhlIGFnZW50IGNvdWxkIG5vdCByZWFjaCAxNjguNjMuMTI5LjE2IG9uIHBvcnQgMzI1MjY=
/var/lib/waagent/Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0.9302.0/main/safefreeze/bin/safefreezeArm64
C:/Packages/Plugins/Microsoft/Azure/RecoveryServices/VMSnapshot/IaaSBcdrExtension/HandlerEnvironment
curl -sS -o /dev/null -w %{http_code} http://168.63.129.16:32526/versions
curl --user-agent agent:1.0 http://168.63.129.16
JSON exception decoding decrypted protected settings
ls -l --key /etc/pki/tls/private
tcp 0 0 10.0.0.4:51234 168.63.129.16:80 ESTABLISHED 1234/python3
Nov 23 05:10:11 vm sshd[1]: pam_unix(sshd:auth): authentication failure; user=root@corp
root:x:0:0:root:/root:/bin/bash
signature: matched 4 of 7
root * 10.1.2.3
10.0.0.0        *               255.255.255.0   U     0      0        0 eth0
/dev/disk-by-id-0123456789abcdef0123456789abcdef01234567
npm_config_cache_folder_is_not_writable_at_all_today
southeastasia1234567890123456
snmpwalk -v2c h .1.3
installed sk-learn-extension-without-a-number-in-it-at-all
<name>hostname</name><value>vm-harbour</value>
sudo: app : TTY=pts/1 ; PWD=/srv/app ; USER=root ; COMMAND=/usr/bin/id
passwd: Authentication token lock busy, failed
chpasswd: line 3: user unknown
pam_unix(passwd:chauthtok): password changed for app
gpasswd: permission is denied.
systemd-ask-password-plymouth.service: Deactivated successfully.
SecretNotFound: A secret with that name was not found in the vault.
unable to load private key: bad decrypt
SUCCESS: config-set-passwords ran successfully
private_key_path=/etc/ssl/app.key
/dev/x /m cifs credentials=/root/smb/app.cred,ro 0 0
WWW-Authenticate: Bearer authorization_uri="https://login.example/common"
"MinimumPasswordLength"=dword:0000000e
I0101 secrets.go:42] loading
PASS: test_restore (1.2s)
public key token=31bf3856ad364e35
Secrets: 4 Keys: 1
    password = read_password(prompt)
    token = self.token
read -s -p "Password: " answer
export APP_TOKEN=
["apt-get", "install", "-y", "curl"]
type=EXECVE msg=audit(1.1:1): argc=3 a0="mkdir" a1="-p" a2="/srv/app"
00000010  7f 45 4c 46 02 01 01 00 3d 00 00 00 00 00 00 00  |.ELF....=.......|
sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==
""".strip("\n").split("\n")