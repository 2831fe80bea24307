"""Disks of invented VMs, with a canary in every place where a secret can stand."""

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import pathlib
import random
import string
import struct
import zipfile
import zlib

NAME = "Microsoft.Azure.RecoveryServices.VMSnapshotLinux"
HANDLER = f"var/lib/waagent/{NAME}-1.0.9302.0"
LOGS = f"var/log/azure/{NAME}"
HOST = "md-7hq2kdw0.z33.blob.storage.azure.net"
BOOT_KEY = "5c0a91f3"
ACCOUNT = "stbackupdemo41.blob.core.windows.net"


class Canaries:
    """Secrets that must not be found again, by the place they were put in."""

    def __init__(self):
        self.planted = {}
        self._count = 0
        self._dice = random.Random(7)

    def word(self, place, length=32):
        self._count += 1
        word = (f"Canary{self._count:03d}" + "".join(self._dice.choices(string.ascii_letters + string.digits, k=length)))[:length]
        self.planted[place] = word
        return word

    def base64(self, place, length=240):
        """The canary, and the base64 that hides it: neither may be found."""
        secret = self.word(place, length)
        hidden = base64.b64encode(secret.encode()).decode()
        self.planted[place + " (base64)"] = hidden[8:40]
        return hidden

    def pkcs7(self, place):
        word = "MII" + self.word(place, 120) + "0123456789abcdefABCDEF+/" * 6
        return word

    def sas(self, place, escape=str):
        """A query with a SAS; the signature is the canary, the rest has to stay."""
        secret = self.word(place, 30)
        return escape(f"sv=2023-08-03&sr=b&sp=rw&se=2026-11-25T00%3A00%3A00Z&sig={secret}%2Bab%3D")


def put(root, path, content, mtime=None):
    target = pathlib.Path(root) / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content if isinstance(content, bytes) else content.encode())
    if mtime:
        os.utime(target, (mtime, mtime))
    return target


def pem(canaries, place, kind="RSA PRIVATE KEY", prefix=""):
    lines = [canaries.word(f"{place} line {n}", 64) for n in range(4)] + [canaries.word(place + " end", 20) + "=="]
    return "\n".join(prefix + line for line in [f"-----BEGIN {kind}-----", *lines, f"-----END {kind}-----"]) + "\n"


def settings(canaries, place):
    return json.dumps({"runtimeSettings": [{"handlerSettings": {
        "protectedSettingsCertThumbprint": "A1" * 20, "protectedSettings": canaries.pkcs7(place + " protectedSettings"),
        "publicSettings": {"taskId": "5f0c3a52-94e1-4d3a-8a58-0b1f27a6c7d1", "commandToExecute": "snapshot", "locale": "en-us",
                           "objectStr": canaries.base64(place + " objectStr"),
                           "statusBlobUri": f"https://{HOST}/vhds/s.status?" + canaries.sas(place + " statusBlobUri"),
                           "logsBlobUri": f"https://{ACCOUNT}/logs/l.log?" + canaries.sas(place + " logsBlobUri")}}}]})


def extensions_config(canaries, place):
    runtime = settings(canaries, place).replace("&", "&amp;").replace('"', "&quot;")
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Extensions version="1.0.0.0"><GAFamilies><GAFamily><Name>Prod</Name></GAFamily></GAFamilies>
<Plugins><Plugin name="{NAME}" version="1.0.9302.0" location="https://{ACCOUNT}/manifest.xml" state="enabled" /></Plugins>
<PluginSettings><Plugin name="{NAME}" version="1.0.9302.0"><RuntimeSettings seqNo="7">{runtime}</RuntimeSettings></Plugin></PluginSettings>
<StatusUploadBlob statusBlobType="BlockBlob">https://{HOST}/vhds/s.status?{canaries.sas(place + " StatusUploadBlob").replace("&", "&amp;")}</StatusUploadBlob>
</Extensions>
"""


def zipped(members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def linux(root, canaries=None):
    """A Linux disk with an agent, the backup extension and canaries; returns the canaries."""
    c = canaries or Canaries()
    put(root, "etc/hostname", "vm-harbour\n")
    put(root, "etc/os-release", 'NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')
    put(root, "etc/fstab", "/dev/sda1 / ext4 defaults 0 1\n")
    put(root, "etc/resolv.conf", "nameserver 168.63.129.16\n")
    put(root, "etc/waagent.conf", "Extensions.Enabled=y\nProvisioning.DeleteRootPassword=n\nHttpProxy.Host=10.1.2.3\nHttpProxy.Port=3128\n")
    put(root, "etc/environment", f"https_proxy=http://proxyuser:{c.word('proxy password')}@proxy.corp:3128/\n")
    put(root, "etc/azure/workload.conf", f"[workload]\nworkload_name = mysql\ncredString = {c.word('credString')} with {c.word('credString rest')}\n")
    put(root, "etc/netplan/50-cloud-init.yaml", f"wifis:\n  wlan0:\n    password: \"{c.word('netplan')}\"\n    dhcp4: true\n")
    put(root, "etc/NetworkManager/system-connections/a.nmconnection", f"[wifi-security]\npsk={c.word('psk')}\n")
    put(root, "etc/shadow", f"root:$6$abc${c.word('shadow hash', 86)}:19000::::::\n")
    put(root, "etc/apt/apt.conf.d/90proxy", f'Acquire::http::Proxy "http://u:{c.word("apt proxy")}@p:8080";\n')
    put(root, "var/lib/dhcp/dhclient.eth0.leases", "lease {\n  option unknown-245 a8:3f:81:10;\n  expire never;\n}\n")

    log = [
        "2026-11-23T05:20:11.100000Z INFO Daemon Daemon Azure Linux Agent Version: 2.11.1.4",
        "2026-11-23T05:20:12.100000Z INFO ExtHandler ExtHandler Wire server endpoint:168.63.129.16",
        f"2026-11-23T05:20:13.100000Z VERBOSE ExtHandler ExtHandler HTTP connection [PUT] [/vhds/s.status?{c.sas('waagent.log path')}] [body] "
        f"[{{'x-ms-guest-agent-public-x509-cert': '{c.pkcs7('x509 header')}', 'x-ms-version': '2018-03-28'}}]",
        f"2026-11-23T05:20:14.100000Z ERROR ExtHandler ExtHandler [HTTP Failed] GET https://{ACCOUNT}/p.zip?{c.sas('waagent.log url')} -- IOError timed out",
        f"2026-11-23T05:20:15.100000Z INFO ExtHandler curl -H 'Authorization: Bearer {c.word('bearer')}' https://x",
        f"2026-11-23T05:20:15.200000Z INFO ExtHandler Authorization: SharedKey stbackup:{c.word('sharedkey', 44)}",
        f"2026-11-23T05:20:16.100000Z INFO ExtHandler jwt eyJhbGciOiJSUzI1NiJ9.eyJ{c.word('jwt', 60)}.{c.word('jwt signature')}",
        f"2026-11-23T05:20:17.100000Z INFO ExtHandler DefaultEndpointsProtocol=https;AccountName=a;AccountKey={c.word('account key', 86)}==;EndpointSuffix=core.windows.net",
        f"2026-11-23T05:20:18.100000Z INFO ExtHandler Server=tcp:db;User ID=sa;Password={c.word('connection string')};Encrypt=True",
        r'2026-11-23T05:20:19.100000Z INFO ExtHandler "{\"a\":\"{\\\"protectedSettings\\\":\\\"' + c.pkcs7("nested json") + r'\\\"}\"}"',
        f"2026-11-23T05:20:20.100000Z INFO ExtHandler Executing command: install.sh --password {c.word('flag')} --token={c.word('token flag')}",
        f"2026-11-23T05:20:21.100000Z INFO ExtHandler see https://{ACCOUNT}/c?comp=list%26sig%3D{c.word('encoded sas')}%252B%26se%3D2026",
        rf"2026-11-23T05:20:22.100000Z INFO ExtHandler json url https:\/\/{HOST}\/x?sv=1\u0026sig\u003d{c.word('unicode escapes')}\u0026se=2026",
        f"2026-11-23T05:20:23.100000Z INFO ExtHandler recovery 111111-222222-333333-444444-555555-666666-777777-888888 {c.word('x', 0)}",
        f"2026-11-23T05:20:24.100000Z INFO ExtHandler key https://corp.vault.azure.net/secrets/{c.word('vault')}/0a",
        f"2026-11-23T05:20:24.200000Z INFO ExtHandler <UserPassword>{c.word('xml password')}</UserPassword>",
        f"2026-11-23T05:20:24.300000Z INFO ExtHandler <CustomData>{c.base64('custom data')}</CustomData>",
        f"2026-11-23T05:20:24.400000Z INFO ExtHandler commandToExecute\": \"sh deploy.sh {c.word('command')}\"",
    ]
    text = "\n".join(log) + "\n" + pem(c, "pem in log") + pem(c, "pem with stamps", prefix="2026/11/23 05:20:25 ")
    text += f"2026-11-23T05:20:26.1Z ERROR key='-----BEGIN PRIVATE KEY-----\\n{c.word('pem on one line', 64)}\\n-----END PRIVATE KEY-----'\n"
    text += "2026-11-23T05:20:27.000000Z INFO ExtHandler ExtHandler [HEARTBEAT] Agent WALinuxAgent-2.11.1.4 is running\n"
    put(root, "var/log/waagent.log", text)
    put(root, "var/log/waagent.log.1.gz", gzip.compress(f"2026/11/20 01:02:03 INFO https://{HOST}/a?{c.sas('gzipped log')}\n".encode()))
    put(root, f"{LOGS}/extension.log", "\n".join([
        f"2026-11-23 05:28:33.675174 [{NAME}-1.0]index: 0 blobUri: https://{HOST}/abcd?{c.sas('extension.log')}",
        f"2026-11-23 05:28:33.675174 [{NAME}-1.0]snapshotTaskToken : {c.word('snapshot token')}",
        f"2026-11-23 05:28:33.675174 [{NAME}-1.0]DDSnapshotIdentifier Information to CRP- id : 5 token : {c.word('direct drive token')}",
        f"2026-11-23 05:28:33.675174 [{NAME}-1.0]Host Request body : {{\"DiskEncryptionSettings\": {{\"a\": \"{c.word('disk encryption')}\"}}}}",
        f"2026-11-23 05:28:34.675174 [{NAME}-1.0]Enable,error,121,,False"]) + "\n")
    put(root, f"{LOGS}/shell.log", "Mon Nov 23 05:28:31 UTC 2026- python3 path exists\n")
    put(root, f"{LOGS}/CommandExecution.log", f"2026-11-23T05:28:31Z INFO with environment variables: {{'ConfigSequenceNumber': '7', 'API_KEY': '{c.word('environment')}'}}\n")
    put(root, f"{HANDLER}/config/7.settings", settings(c, "7.settings"))
    put(root, f"{HANDLER}/config/6_settings", settings(c, "6_settings"))
    put(root, f"{HANDLER}/config/HandlerState", "Enabled")
    put(root, f"{HANDLER}/mrseq", "7")
    put(root, f"{HANDLER}/status/7.status", json.dumps([{"status": {"code": 121, "substatus": [], "snapshotInfo": [
        {"snapshotUri": f"https://{HOST}/abcd?snapshot=1&" + c.sas("status"),
         "directDriveSnapshotIdentifier": {"token": c.word("status token", 40)}}]}}]))
    put(root, f"{HANDLER}/HandlerManifest.json", "[{}]")
    put(root, "var/lib/waagent/ExtensionsConfig.7.xml", extensions_config(c, "ExtensionsConfig"))
    put(root, "var/lib/waagent/history/2026-11-23T05-20-10__7/VmSettings.json", json.dumps({"extensionGoalStates": [{"settings": [
        {"protectedSettings": c.pkcs7("VmSettings"), "publicSettings": json.dumps({"objectStr": c.base64("VmSettings objectStr")})}]}],
        "statusUploadBlob": {"value": f"https://{HOST}/s?" + c.sas("VmSettings blob")}}))
    put(root, "var/lib/waagent/history/2026-11-23T05-20-10__7/RemoteAccess.xml", f"<Password>{c.word('RemoteAccess')}</Password>")
    put(root, "var/lib/waagent/history/2026-11-22T05-20-10__6.zip", zipped({
        "ExtensionsConfig.xml": extensions_config(c, "history zip"), "RemoteAccess.xml": f"<Password>{c.word('zipped RemoteAccess')}</Password>",
        "inner.zip": zipped({"VmSettings.json": settings(c, "zip in zip")}),
        "log.gz": gzip.compress(f"https://x?{c.sas('gz in zip')}".encode())}))
    put(root, "var/lib/waagent/waagent_status.json", "{}")
    put(root, "var/lib/waagent/ovf-env.xml", f"<UserPassword>{c.word('ovf-env')}</UserPassword>")
    put(root, "var/lib/waagent/CustomData", c.word("CustomData"))
    for name in ("TransportPrivate.pem", "A1B2.prv", "Certificates.pem"):
        put(root, "var/lib/waagent/" + name, pem(c, name))
    put(root, "var/lib/waagent/Certificates.xml", f"<Data>{c.pkcs7('Certificates.xml')}</Data>")
    put(root, "var/lib/waagent/ManagedIdentity-1.json", c.word("managed identity"))
    put(root, "var/lib/waagent/Other.Extension-1.0/config/0.settings", settings(c, "other extension"))
    put(root, "var/log/azure/Other.Extension/handler.log", f"password: {c.word('other log')}\n")
    _packed_where_no_name_says_so(root, c)
    _what_else_holds_secrets(root, c)
    return c


def _packed_where_no_name_says_so(root, c):
    """Rotated logs and archives under plain names, packed twice, and formats that cannot be opened."""
    put(root, f"{LOGS}/old.log", gzip.compress(f"https://x?{c.sas('gzip named .log')}\n".encode()))
    put(root, f"{LOGS}/older.log", zipped({"a/b.log": f"https://x?{c.sas('zip named .log')}\n", f"a/s.sh?sig={c.word('name in a zip')}": "x",
                                          "TransportPrivate.pem": pem(c, "key in a zip"),
                                          "ovf-env.xml": f"<UserPassword>{c.word('ovf-env in a zip')}</UserPassword>"}))
    put(root, f"{LOGS}/twice.log", gzip.compress(gzip.compress(f"token: {c.word('gzip in gzip')}\n".encode())))
    put(root, f"{LOGS}/zip-in-gzip.log", gzip.compress(zipped({"x.log": f"password={c.word('zip in gzip')}\n"})))
    put(root, f"{LOGS}/sealed.log", bz2.compress(f"password={c.word('bzip2')}\n".encode()))
    put(root, f"{LOGS}/sealed-too.log", lzma.compress(f"password={c.word('xz')}\n".encode()))
    put(root, f"{LOGS}/sealed-in-gzip.log", gzip.compress(lzma.compress(f"password={c.word('xz in gzip')}\n".encode())))
    for name, mark in {"compress": b"\x1f\x9d\x90", "lzma": b"\x5d\0\0\x80\0", "lzip": b"LZIP\1", "utf-32": b"\xff\xfe\0\0"}.items():
        put(root, f"{LOGS}/{name}.log", mark + c.word(name).encode())
    put(root, f"{LOGS}/zlib.log", zlib.compress(f"password={c.word('zlib')}\n".encode()))
    put(root, f"{LOGS}/certificate.log", b"\x30\x82\x09\x00" + c.word("key in DER").encode())
    put(root, "var/log/waagent.log.2.gz", f"sig={c.word('named .gz, but plain')}\n")
    put(root, "var/log/syslog.1", gzip.compress(f"Nov 1 x: --password {c.word('packed syslog')}\n".encode()))
    put(root, "var/lib/waagent/history/2026-11-21T05-20-10__5.zip", zipped({"TransportPrivate.pem": pem(c, "key in history"), "Certificates.xml": c.pkcs7("p7m in history"),
                                                                            "GoalState.xml": f"<Token>{c.word('goal state token')}</Token>"}))


def _what_else_holds_secrets(root, c):
    """Audit records, provisioning, journals on disk, leases' neighbours, other goal states."""
    hexed = c.word("audit proctitle", 30)
    c.planted["audit proctitle, hexadecimal"] = hexed.encode().hex().upper()
    put(root, "var/log/audit/audit.log", f"type=PROCTITLE msg=audit(1.1:1): proctitle={('az login --password ' + hexed).encode().hex().upper()}\n"
        f'type=EXECVE msg=audit(1.1:2): argc=3 a0="mysql" a1="-uroot" a2="-p{c.word("audit argument")}"\n')
    put(root, "var/log/cloud-init.log", f"2026-11-23 05:00:00,123 - util.py[DEBUG]: user-data: {c.word('user data')}\nchpasswd:\n  list: |\n    root:{c.word('chpasswd')}\n")
    put(root, "var/log/cloud-init-output.log", f"Set the following 'random' passwords\nazureuser:{c.word('random password')}\ndone\n")
    put(root, "etc/cloud/cloud.cfg.d/90_azure.cfg", f"users:\n  - name: u\n    plain_text_passwd: {c.word('cloud.cfg')}\nuser_data: |\n  #!/bin/sh\n  echo {c.word('block text')}\n")
    put(root, "var/lib/cloud/instance/user-data.txt", c.word("user-data file"))
    put(root, "etc/dhcp/dhclient.conf", f'key k {{\n  algorithm hmac-md5;\n  secret "{c.word("omapi")}";\n}}\n')
    put(root, "etc/fstab", f"//acct.file.core.windows.net/s /m cifs vers=3.0,username=acct,password={c.word('fstab')} 0 0\n")
    put(root, "etc/systemd/system/walinuxagent.service.d/proxy.conf", f'[Service]\nEnvironment="HTTPS_PROXY=http://u:{c.word("unit proxy")}@p:8080" "DB_PASSWORD={c.word("unit password")}"\n')
    put(root, "var/log/dpkg.log", "2026-11-23 05:00:00 configure x 1\n")
    put(root, "var/log/apt/history.log", f"Commandline: apt-get -o Acquire::http::Proxy=http://u:{c.word('apt history')}@p:80 install x\n")
    put(root, "etc/azure/vmbackup.conf", "[SnapshotThread]\ntimeout = 60\n")
    put(root, "etc/azure/VMSnapshotScriptPluginConfig.json", json.dumps({"pluginName": "x", "preScriptParams": ["--password", c.word("script parameter")]}))
    secret = c.word("telemetry", 30)
    packed = base64.b64encode(zlib.compress(f"Failed: https://x?sig={secret}&se=1".encode())).decode()
    c.planted["telemetry (packed)"] = packed[24:60]
    put(root, f"{LOGS}/CommandExecution_2.log", f"Event: name=x, op=y, message={packed}, duration=0\n")
    put(root, "var/lib/waagent/VmSettings.3.json", json.dumps({"extensionGoalStates": [{"settings": [{"protectedSettings": {"any": c.word("decrypted settings"), "n": {"k": c.word("deep")}}}]}]}, indent=1))
    put(root, "var/lib/waagent/Prod.7.agentsManifest", f"<Uri>https://{ACCOUNT}/a.zip?{c.sas('agents manifest').replace('&', '&amp;')}</Uri>")
    put(root, "var/lib/waagent/history/2026-11-23T05-20-10__7/x.manifest.xml", f"<Uri>https://{ACCOUNT}/a.zip?{c.sas('manifest').replace('&', '&amp;')}</Uri>")
    put(root, "run/cloud-init/ds-identify.log", f"[up 1s] seed https://{c.word('token in URL', 40)}@host/x\n")


def reg(text):
    return b"\xff\xfe" + text.replace("\n", "\r\n").encode("utf-16-le")


def windows(root, canaries=None):
    """A Windows system drive with an agent, the backup extension and canaries; returns the canaries."""
    c = canaries or Canaries()
    snapshot = "Microsoft.Azure.RecoveryServices.VMSnapshot"
    put(root, "WindowsAzure/Logs/WaAppAgent.log",
        "[00000004] 2026-11-23T05:20:11.100Z [INFO]  WindowsAzureGuestAgent starting. Version 2.7.41491.1100\n"
        f"[00000004] 2026-11-23T05:20:12.100Z [WARN]  https://{HOST}/s?{c.sas('WaAppAgent')}\n")
    put(root, "WindowsAzure/Logs/TransparentInstaller.log", (f"[INFO] token: {c.word('utf-16 log')}\r\n").encode("utf-16"))
    put(root, f"WindowsAzure/Logs/Plugins/{snapshot}/1.0.91.0/IaaSBcdrExtension0.log", f"url https://{HOST}/d?{c.sas('IaaSBcdrExtension')}\r\n")
    put(root, f"WindowsAzure/Logs/Plugins/{snapshot}/1.0.91.0/CommandExecution.log", f"install.cmd /p:{c.word('command line')}\r\n")
    put(root, "WindowsAzure/Config/ext.xml", extensions_config(c, "Config xml"))
    put(root, "WindowsAzure/Logs/AggregateStatus/aggregatestatus.json", '{"aggregateStatus":{"guestAgentStatus":{"status":"Ready"}}}\0\0')
    put(root, f"Packages/Plugins/{snapshot}/1.0.91.0/RuntimeSettings/7.settings", settings(c, "RuntimeSettings"))
    put(root, f"Packages/Plugins/{snapshot}/1.0.91.0/Status/7.status", "[]")
    put(root, f"Packages/Plugins/{snapshot}/1.0.91.0/SeqNumber.txt", "7")
    put(root, "Windows/System32/winevt/Logs/System.evtx", b"ElfFile\0" + b"\0" * 100)
    put(root, "Windows/System32/winevt/Logs/Microsoft-WindowsAzure-Status%4Plugins.evtx", b"ElfFile\0" + b"\0" * 50)
    put(root, "Windows/System32/winevt/Logs/Security.evtx", c.word("Security log"))
    put(root, "Windows/System32/config/SOFTWARE", hive({"DefaultPassword": c.word("hive").encode("utf-16-le"), "Release": b"\x05\x00\x08\x00\x00"}))
    put(root, "Windows/System32/config/SAM", c.word("SAM"))
    put(root, "Windows/System32/config/SECURITY", c.word("SECURITY"))
    put(root, "Windows/Panther/unattend.xml", f"<Password><Value>{c.word('unattend')}</Value></Password>")
    put(root, "Windows/Panther/WaSetup.xml", f"<AdministratorPassword>{c.word('WaSetup')}</AdministratorPassword>")
    put(root, "AzureData/CustomData.bin", c.word("CustomData.bin"))
    put(root, "WindowsAzure/Logs/Plugins/Microsoft.Compute.CustomScriptExtension/1.10/CommandExecution.log",
        f"Executing: powershell -EncodedCommand {base64.b64encode(('x ' + c.word('encoded command', 24)).encode('utf-16-le')).decode()}\r\nnet user bob {c.word('net user')} /add\r\n")
    put(root, "WindowsAzure/Logs/MonitoringAgent.log", "\ufeffa line of text in UTF-16\r\n".encode("utf-16-le") * 3 + f"narrow: x?sig={c.word('narrow in UTF-16')}&se=1\r\n".encode())
    put(root, "Windows/Panther/VmAgentInstaller.xml", f'<Event><add key="Password" value="{c.word("appSettings")}"/></Event>')
    put(root, "Program Files/Microsoft SQL Server/MSSQL15.A/MSSQL/Log/ERRORLOG", f"CREATE LOGIN [x] WITH PASSWORD = N'{c.word('SQL')}'\r\n".encode("utf-16"))
    put(root, "Windows/Microsoft.NET/Framework64/v4.0.30319/Config/machine.config", c.word("machine.config"))
    put(root, "Windows/System32/config/SYSTEM", hive({"ImagePath": f"x.exe --password {c.word('hive text')} /s".encode("utf-16-le"),
                                                      "ProxyServer": f"http=u:{c.word('hive proxy')}@proxy:80".encode("utf-16-le")}, {"JD": BOOT_KEY, "Other": "kept-cls"}))
    c.planted["boot key, in UTF-16"] = "\0".join(BOOT_KEY)
    return c


def hive(values, classes=None):
    """The shape of a registry hive: a base block, then value cells with their data and key cells with their classes."""
    bins = bytearray(0x20)

    def cell(data):
        nonlocal bins
        offset = len(bins)
        bins += struct.pack("<i", -(len(data) + 4)) + data
        bins += b"\0" * (-len(bins) % 8)
        return offset

    for name, data in values.items():
        offset = cell(data)
        cell(struct.pack("<2sHIIIHH", b"vk", len(name), len(data), offset, 1, 1, 0) + name.encode())
    for name, text in (classes or {}).items():
        offset = cell(text.encode("utf-16-le"))
        key = bytearray(b"nk" + bytes(0x4A))
        struct.pack_into("<I", key, 0x30, offset)
        struct.pack_into("<HH", key, 0x48, len(name), 2 * len(text))
        cell(bytes(key) + name.encode())
    return b"regf".ljust(0x1000, b"\0") + bytes(bins)
