# ruff: noqa: E501 (console output is wider than code)
"""Windows tools in several languages, and the probes and leases of all systems."""

import json
from datetime import UTC

import pytest

from analyzer.clock import Clock
from analyzer.sources.commands import read_lease, read_probe, recognise, sniff

NOW = Clock(UTC, near=1795500000.0)  # 2026-11-24 06:00 UTC


def read(command, text, clock=NOW):
    return recognise(command.split() if isinstance(command, str) else command).read(text, clock)


def only(rows, **where):
    found = [row.values for row in rows if all(row.values.get(name) == value for name, value in where.items())]
    assert len(found) == 1, found or [row.values for row in rows]
    return found[0]


WRITERS = {
    "english": ("vssadmin 1.1 - Volume Shadow Copy Service administrative command-line tool\n(C) Copyright 2001-2013 Microsoft Corp.\n\n", "Writer name: '{}'", "Writer Id", "Writer Instance Id",
                "State: [{}] {}", "Stable", "Failed", "Last error: {}", "No error", "Timed out"),
    "german": ("vssadmin 1.1 - Verwaltungsbefehlszeilenprogramm\n(C) Copyright 2001-2013 Microsoft Corp.\n\n", "Verfassername: \"{}\"", "Verfasserkennung", "Verfasserinstanzkennung",
               "Status: [{}] {}", "Stabil", "Fehlgeschlagen", "Letzter Fehler: {}", "Kein Fehler", "Zeitüberschreitung"),
    "french": ("vssadmin 1.1 - Outil ligne de commande\n\n", "Nom du rédacteur : « {} »", "ID du rédacteur ", "ID de l’instance du rédacteur ", "État : [{}] {}", "Stable", "Échec",
               "Dernière erreur : {}", "Aucune erreur", "Délai dépassé"),
    "chinese": ("vssadmin 1.1 - 卷影复制服务管理命令行工具\n\n", "编写器名称: “{}”", "编写器 Id", "编写器实例 Id", "状态: [{}] {}", "稳定", "失败", "上一个错误: {}", "无错误", "超时"),
    "japanese": ("vssadmin 1.1 - ボリューム シャドウ コピー サービス\n\n", "ライター名: '{}'", "ライター ID", "ライター インスタンス ID", "状態: [{}] {}", "安定", "失敗", "最後のエラー: {}",
                 "エラーなし", "タイムアウト"),
    "unknown": ("", "Ainmskribisto: ‹{}›", "Skribista ID", "Okaza ID", "Stato: [{}] {}", "Stabila", "Fiaskis", "Lasta eraro: {}", "Nenio", "Io alia"),
}


def writers_text(language, gap="\n"):
    head, name, wid, instance, state, stable, failed, error, fine, bad = WRITERS[language]
    parts = [("System Writer", "e8132975-6f93-4464-a53e-1050253ae220", 1, stable, fine), ("SqlServerWriter", "a65faa63-5ea8-4ebc-9dbd-a0c4db26912a", 9, failed, bad),
             ("Local Thing", "11111111-2222-4333-8444-555555555555", 1, stable, fine)]
    return head + "\n".join(gap.join([name.format(title), f"   {wid}: {{{guid}}}", f"   {instance}: {{00000000-0000-4000-8000-{place:012d}}}",
                                      "   " + state.format(number, said), "   " + error.format(last), ""])
                            for place, (title, guid, number, said, last) in enumerate(parts))


@pytest.mark.parametrize("language", WRITERS)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_writers_are_read_in_every_language(language, gap):
    text = writers_text(language, gap)
    rows = read("vssadmin list writers", text)
    assert [(row.values["name"], row.values["state"], row.values["error_ok"]) for row in rows] == [("System Writer", 1, True), ("SqlServerWriter", 9, False), ("Local Thing", 1, True)]
    sql = rows[1].values
    assert sql["writer_id"] == "a65faa63-5ea8-4ebc-9dbd-a0c4db26912a" and sql["instance_id"] == "00000000-0000-4000-8000-000000000001"
    assert sql["state_text"] == WRITERS[language][6] and sql["state_name"] == "failed-at-freeze" and sql["last_error"] == WRITERS[language][9]
    assert text.split("\n")[rows[1].line - 1] == WRITERS[language][1].format("SqlServerWriter")
    assert sniff(text).name == "vss-writers"


def test_a_single_writer_and_a_cut_list():
    rows = read("vssadmin list writers", "Writer name: 'X'\n   Writer Id: {76fe1ac4-15f7-4bcd-987e-8e1acb462fb7}\n   Writer Instance Id: {11111111-0000-4000-8000-000000000000}\n   State: [8] Failed\n"
                                         "   Last error: Not responding\n\nWriter name: 'Cut'\n   Writer Id: {a6ad56c2-b509-4e6c-bb19-49d8f43532f0}\n")
    assert only(rows, name="Microsoft Exchange Writer")["error_ok"] is False
    assert "state" not in only(rows, name="WMI Writer")
    assert read("vssadmin list writers", "Error: You don't have the correct permissions to run this command.\n") == []


def test_errors_that_all_writers_share_are_still_errors():
    text = writers_text("english").replace("No error", "Retryable error")
    assert [row.values["error_ok"] for row in read("vssadmin list writers", text)] == [False, False, False]


@pytest.mark.parametrize("text", [
    "Provider name: 'Microsoft Software Shadow Copy provider 1.0'\n   Provider type: System\n   Provider Id: {b5946137-7b9f-4925-af80-51abd60b20d5}\n   Version: 1.0.0.7\n",
    "Anbietername: \"Microsoft Software Shadow Copy provider 1.0\"\n   Anbietertyp: System\n   Anbieterkennung: {b5946137-7b9f-4925-af80-51abd60b20d5}\n   Version: 1.0.0.7\n",
])
def test_providers(text):
    head = "vssadmin 1.1 - tool\n(C) Copyright 2001-2013 Microsoft Corp.\n\n"
    rows = read("vssadmin list providers", head + text + "\nName: 'Other'\n   Type: Software\n   Id: {11111111-7b9f-4925-af80-51abd60b20d5}\n   Version: 2.1\n")
    assert rows[0].values == {"name": "Microsoft Software Shadow Copy provider 1.0", "type": "System", "provider_id": "b5946137-7b9f-4925-af80-51abd60b20d5", "version": "1.0.0.7"}
    assert rows[1].values["name"] == "Other" and rows[1].values["type"] == "Software"


def test_shadows_and_their_storage():
    rows = read("vssadmin list shadows", r"""Contents of shadow copy set ID: {aaaaaaaa-0000-4000-8000-000000000001}
   Contained 2 shadow copies at creation time: 11/23/2026 1:05:09 PM
      Shadow Copy ID: {bbbbbbbb-0000-4000-8000-000000000001}
         Original Volume: (C:)\\?\Volume{cccccccc-0000-4000-8000-000000000001}\
         Shadow Copy Volume: \\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1
         Originating Machine: vm
         Provider: 'Microsoft Software Shadow Copy provider 1.0'
         Type: ClientAccessible
      Shadow Copy ID: {bbbbbbbb-0000-4000-8000-000000000002}
         Original Volume: (D:)\\?\Volume{cccccccc-0000-4000-8000-000000000002}\
""")
    assert [(row.values["volume"], row.values["created"]) for row in rows] == [("C:", 1795439109.0), ("D:", 1795439109.0)]
    assert rows[0].values["device"].endswith("ShadowCopy1") and rows[0].values["provider"] == "Microsoft Software Shadow Copy provider 1.0"
    assert read("vssadmin list shadows", "vssadmin 1.1\n\nNo items found that satisfy the query.\n") == []


@pytest.mark.parametrize(("labels", "used", "limit"), [
    (("For volume", "Shadow Copy Storage volume", "Used Shadow Copy Storage space", "Allocated", "Maximum"), "1.93 GB (1%)", "UNBOUNDED (100%)"),
    (("Für Volume", "Schattenkopiespeichervolume", "Verwendeter Speicher", "Zugewiesen", "Maximal"), "1,93 GB (1 %)", "UNBEGRENZT (100 %)"),
    (("Pour le volume ", "Volume de stockage ", "Espace utilisé ", "Alloué ", "Maximal "), "1,93 Go (1%)", "ILLIMITÉ (100%)"),
])
def test_shadow_storage_in_three_languages(labels, used, limit):
    volume = r"(C:)\\?\Volume{cccccccc-0000-4000-8000-000000000001}" + "\\"
    text = f"Title\n   {labels[0]}: {volume}\n   {labels[1]}: {volume}\n   {labels[2]}: {used}\n   {labels[3]}: 2.00 GB (1%)\n   {labels[4]}: {limit}\n"
    for end, maximum in (("", None), ("", 10)):
        body = text if maximum is None else text.replace(limit, "10.0 MB (0%)")
        values = read("vssadmin list shadowstorage", body + end)[0].values
        assert abs(values["used_bytes"] - 1.93 * 1024 ** 3) < 10 and values["allocated_bytes"] == 2 * 1024 ** 3
        assert values["unbounded"] is (maximum is None) and values.get("maximum_bytes") == (None if maximum is None else 10 * 1024 ** 2)


SC_QUERYEX = {
    "english": "\nSERVICE_NAME: WindowsAzureGuestAgent\n        TYPE               : 10  WIN32_OWN_PROCESS\n        STATE              : 4  RUNNING\n                                (STOPPABLE, NOT_PAUSABLE)\n"
               "        WIN32_EXIT_CODE    : 0  (0x0)\n        SERVICE_EXIT_CODE  : 0  (0x0)\n        CHECKPOINT         : 0x0\n        WAIT_HINT          : 0x0\n        PID                : 2345\n        FLAGS              :\n",
    "german": "\nSERVICE_NAME: WindowsAzureGuestAgent\n        TYPE               : 10  WIN32_OWN_PROCESS\n        STATE              : 4  RUNNING\n        WIN32_EXIT_CODE    : 0  (0x0)\n        PID                : 2345\n",
    "french": "\nNOM_SERVICE: WindowsAzureGuestAgent\n        TYPE               : 10  WIN32_OWN_PROCESS\n        ÉTAT              : 4  RUNNING\n        CODE_SORTIE_WIN32  : 0  (0x0)\n        PID                : 2345\n",
    "spanish": "\nNOMBRE_SERVICIO: WindowsAzureGuestAgent\n        TIPO               : 10  WIN32_OWN_PROCESS\n        ESTADO             : 4  RUNNING\n        CÓD_SALIDA_WIN32   : 0  (0x0)\n        PID                : 2345\n",
}


@pytest.mark.parametrize("language", SC_QUERYEX)
def test_sc_queryex_goes_by_numbers(language):
    values = only(read("sc queryex WindowsAzureGuestAgent", SC_QUERYEX[language]), unit="WindowsAzureGuestAgent")
    assert (values["active"], values["sub"], values["main_pid"], values["exit_code"]) == ("active", "running", 2345, 0)


def test_sc_query_lists_qc_and_what_is_not_installed():
    rows = read("sc query type= service state= all", "SERVICE_NAME: RdAgent\nDISPLAY_NAME: RdAgent\n        TYPE               : 10  WIN32_OWN_PROCESS\n        STATE              : 1  STOPPED\n        WIN32_EXIT_CODE    : 1067  (0x42b)\n\n"
                                                     "SERVICE_NAME: VSS\nDISPLAY_NAME: Volume Shadow Copy\n        TYPE               : 10  WIN32_OWN_PROCESS\n        STATE              : 2  START_PENDING\n")
    assert only(rows, unit="RdAgent")["exit_code"] == 1067 and only(rows, unit="RdAgent")["active"] == "inactive"
    assert only(rows, unit="VSS")["active"] == "activating" and only(rows, unit="VSS")["description"] == "Volume Shadow Copy"
    values = only(read("sc qc VSS", "[SC] QueryServiceConfig SUCCESS\n\nSERVICE_NAME: VSS\n        TYPE               : 10  WIN32_OWN_PROCESS \n        START_TYPE         : 4   DISABLED\n        ERROR_CONTROL      : 1   NORMAL\n"
                                    "        BINARY_PATH_NAME   : C:\\Windows\\system32\\vssvc.exe\n        LOAD_ORDER_GROUP   : \n        TAG                : 0\n        DISPLAY_NAME       : Volume Shadow Copy\n        DEPENDENCIES       : RPCSS\n"
                                    "        SERVICE_START_NAME : LocalSystem\n"), unit="VSS")
    assert (values["start_type"], values["enabled"], values["exec_start"], values["user"], values["dependencies"]) == ("disabled", "disabled", r"C:\Windows\system32\vssvc.exe", "LocalSystem", "RPCSS")
    assert "active" not in values
    delayed = only(read("sc qc MSDTC", "SERVICE_NAME: MSDTC\n        TIPO               : 10  WIN32_OWN_PROCESS\n        TIPO_INICIO        : 2   AUTO_START  (DELAYED)\n"), unit="MSDTC")
    assert delayed["start_type"] == "auto" and delayed["delayed"] is True
    assert only(read("sc query RdAgent", "[SC] EnumQueryServicesStatus:OpenService FEHLER 1060:\n\nDer angegebene Dienst ist kein installierter Dienst.\n"), unit="RdAgent")["load"] == "not-found"


@pytest.mark.parametrize(("command", "text"), [
    (["powershell", "Get-Service RdAgent | Format-List *"], "\n\nName                : RdAgent\nDisplayName         : RdAgent\nStatus              : Stopped\nStartType           : Disabled\n\n"),
    (["powershell", "Get-Service"], "\nStatus   Name               DisplayName                           StartType\n------   ----               -----------                           ---------\nStopped  RdAgent            RdAgent                               Disabled\n"),
    (["powershell", "Get-CimInstance Win32_Service | ConvertTo-Json"], '[{"Name":"RdAgent","DisplayName":"RdAgent","State":"Stopped","StartMode":"Disabled","ExitCode":0}]'),
    (["powershell", "Get-CimInstance Win32_Service | ConvertTo-Csv"], '#TYPE Selected\n"Name","DisplayName","State","StartMode"\n"RdAgent","RdAgent","Stopped","Disabled"\n'),
    (["wmic", "service", "get", "/format:list"], "\r\r\n\r\r\nDisplayName=RdAgent\r\r\nName=RdAgent\r\r\nStartMode=Disabled\r\r\nState=Stopped\r\r\n\r\r\n"),
])
def test_services_of_powershell_and_wmic(command, text):
    values = only(read(command, text), unit="RdAgent")
    assert (values["active"], values["sub"], values["start_type"]) == ("inactive", "stopped", "disabled")


def test_tasklist_in_its_forms():
    table = "\nAbbildname                     PID Sitzungsname       Sitz.-Nr. Speichernutzung\n========================= ======== ================ =========== ===============\n" \
            "System Idle Process              0 Services                   0             8 K\nWindowsAzureGuestAgent.ex     2345 Services                   0        40.960 K\nWaAppAgent.exe                2346 Services                   0        20.480 K\n"
    rows = read("tasklist", table)
    assert only(rows, pid=2346) == {"pid": 2346, "command": "WaAppAgent.exe", "kind": "agent-daemon", "rss_bytes": 20480 * 1024}
    assert sniff(table).name == "tasklist"
    quoted = '"Image Name","PID","Session Name","Session#","Mem Usage"\n"WaAppAgent.exe","2346","Services","0","20,480 K"\n'
    assert only(read("tasklist /fo csv", quoted), pid=2346)["rss_bytes"] == 20480 * 1024
    listed = "\nImage Name:   WaAppAgent.exe\nPID:          2346\nSession Name: Services\nSession#:     0\nMem Usage:    20,480 K\n"
    assert only(read("tasklist /fo list", listed), pid=2346)["kind"] == "agent-daemon"
    services = "Image Name                     PID Services\n========================= ======== ============================================\nWaAppAgent.exe                2346 RdAgent\n"
    assert only(read("tasklist /svc", services), pid=2346)["services"] == "RdAgent"
    cim = '{"ProcessId": 4, "ParentProcessId": 1, "Name": "IaaSBcdrExtension.exe", "CommandLine": "\\"C:\\\\Packages\\\\Plugins\\\\x\\\\IaaSBcdrExtension.exe\\" enable"}'
    assert only(read(["powershell", "Get-CimInstance Win32_Process | ConvertTo-Json"], cim), pid=4)["kind"] == "backup-extension"


IPCONFIG = {
    "english": ("Windows IP Configuration", "Ethernet adapter Ethernet 2", "Description", "Physical Address", "DHCP Enabled", "Yes", "No", "Link-local IPv6 Address", "IPv4 Address", "(Preferred)",
                "Subnet Mask", "Lease Obtained", "Default Gateway", "DHCP Server", "DNS Servers"),
    "german": ("Windows-IP-Konfiguration", "Ethernet-Adapter Ethernet 2", "Beschreibung", "Physische Adresse", "DHCP aktiviert", "Ja", "Nein", "Verbindungslokale IPv6-Adresse", "IPv4-Adresse", "(Bevorzugt)",
               "Subnetzmaske", "Lease erhalten", "Standardgateway", "DHCP-Server", "DNS-Server"),
    "french": ("Configuration IP de Windows", "Carte Ethernet Ethernet 2 ", "Description", "Adresse physique", "DHCP activé", "Oui", "Non", "Adresse IPv6 de liaison locale", "Adresse IPv4", "(préféré)",
               "Masque de sous-réseau", "Bail obtenu", "Passerelle par défaut", "Serveur DHCP ", "Serveurs DNS"),
    "chinese": ("Windows IP 配置", "以太网适配器 以太网 2", "描述", "物理地址", "DHCP 已启用", "是", "否", "本地链接 IPv6 地址", "IPv4 地址", "(首选)", "子网掩码", "获得租约的时间", "默认网关", "DHCP 服务器", "DNS 服务器"),
}


@pytest.mark.parametrize("language", IPCONFIG)
@pytest.mark.parametrize("dhcp", [True, False])
def test_ipconfig_is_read_by_structure(language, dhcp):
    title, adapter, description, mac, enabled, yes, no, six, four, preferred, mask, lease, gateway, server, dns = IPCONFIG[language]
    lines = [f"   {description} . . . . . : Adapter #2", f"   {mac}  . . . . : 00-0D-3A-00-00-01", f"   {enabled}. . . . . : {yes if dhcp else no}", f"   {six} . . . : fe80::1%6{preferred}",
             f"   {four}  . . . . : 10.7.0.4{preferred} ", f"   {mask}  . . . . : 255.255.255.0"]
    lines += [f"   {lease} . . . . : Monday 23 November 2026 10:00:00"] if dhcp else []
    lines += [f"   {gateway} . . . . . : 10.7.0.1"] + ([f"   {server}. . . . . : 168.63.129.16"] if dhcp else []) + [f"   {dns} . . . . . : 168.63.129.16", "                                       10.7.0.9"]
    text = f"\n{title}\n\n   Host. . . . . . . . . . : vm\n\n{adapter}:\n\n" + "\n".join(lines) + "\n"
    values = only(read("ipconfig /all", text), address="10.7.0.4")
    assert (values["prefix"], values["dhcp"], values["gateway"], values.get("dhcp_server")) == (24, dhcp, "10.7.0.1", "168.63.129.16" if dhcp else None)
    assert values["dns"] == "168.63.129.16,10.7.0.9" and values["up"] is True and values["interface"] == adapter.strip()
    assert only(read("ipconfig /all", text), address="fe80::1")["family"] == "inet6"
    assert sniff(text).name == "ipconfig"


def test_route_print_with_persistent_routes():
    text = """===========================================================================
Schnittstellenliste
  6...00 0d 3a 00 00 01 ......Adapter #2
===========================================================================

IPv4-Routentabelle
===========================================================================
Aktive Routen:
     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik
          0.0.0.0          0.0.0.0         10.7.0.1         10.7.0.4     10
         10.7.0.0    255.255.255.0   Auf Verbindung         10.7.0.4    266
    168.63.129.16  255.255.255.255         10.7.0.1         10.7.0.4     11
===========================================================================
Ständige Routen:
  Netzwerkadresse          Netzmaske  Gatewayadresse  Metrik
    168.63.129.16  255.255.255.255       10.7.0.99       1
===========================================================================
"""
    rows = read("route print -4", text)
    assert [(row.values["destination"], row.values.get("gateway"), row.values.get("device"), row.values["type"]) for row in rows] == [
        ("default", "10.7.0.1", "10.7.0.4", "unicast"), ("10.7.0.0/24", None, "10.7.0.4", "unicast"), ("168.63.129.16", "10.7.0.1", "10.7.0.4", "unicast"),
        ("168.63.129.16", "10.7.0.99", None, "persistent")]


@pytest.mark.parametrize(("text", "expected"), [
    ("\nCurrent WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n\n", {"direct": True}),
    ("\nAktuelle WinHTTP-Proxyeinstellungen:\n\n    Direktzugriff (kein Proxyserver).\n", {"direct": True}),
    ("\n当前的 WinHTTP 代理服务器设置:\n\n    直接访问(没有代理服务器)。\n", {"direct": True}),
    ("\nCurrent WinHTTP proxy settings:\n\n    Proxy Server(s) :  10.7.0.9:3128\n    Bypass List     :  *.example;<local>\n", {"direct": False, "server": "10.7.0.9:3128", "bypass": "*.example;<local>"}),
    ("\nParamètres de proxy WinHTTP actuels :\n\n    Serveur(s) proxy :  http=10.7.0.9:3128\n    Liste de contournement     :  (aucun)\n", {"direct": False, "server": "http=10.7.0.9:3128"}),
])
def test_the_winhttp_proxy(text, expected):
    assert dict(read("netsh winhttp show proxy", text)[0].values) == expected


def test_registry_query_and_export():
    rows = read(r"reg query HKLM\SOFTWARE\Microsoft\X /s", "\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP\\v4\\Full\r\n    (Standard)    REG_SZ    \r\n    Release    REG_DWORD    0x80ff4\r\n    Version    REG_SZ    4.8.0 with blanks\r\n\r\n"
                                                       "HKEY_LOCAL_MACHINE\\SOFTWARE\\Empty\r\n")
    assert only(rows, name="Release") == {"key": r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full", "name": "Release", "type": "REG_DWORD", "value": 528372}
    assert only(rows, name="(Default)")["value"] == "" and only(rows, name="Version")["value"] == "4.8.0 with blanks"
    assert rows[-1].values == {"key": r"HKEY_LOCAL_MACHINE\SOFTWARE\Empty"}
    rows = read("reg export HKLM\\X f.reg", 'Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\X]\n@="top"\n"Start"=dword:00000004\n"Path"="C:\\\\a\\"b\\""\n"Big"=hex(b):01,00,00,00,00,00,00,00\n"Text"=hex(2):41,00,\\\n  42,00,00,00\n')
    assert {row.values["name"]: row.values["value"] for row in rows} == {"(Default)": "top", "Start": 4, "Path": 'C:\\a"b"', "Big": 1, "Text": "AB"}


def option(code, data, vendor=0):
    body = b"".join(part.to_bytes(4, "little") for part in (code, 0, len(data), vendor, 1795600000))
    return body + data + b"\0" * (-len(data) % 4)


@pytest.mark.parametrize(("packed", "address", "asked"), [
    (option(6, b"\x01\x02\x03\x04") + option(245, bytes([168, 63, 129, 16])) + option(252, b""), "168.63.129.16", True),
    (option(245, b""), None, True), (option(51, bytes([245, 0, 0, 0])), None, False), (option(245, bytes([1, 2, 3, 4]), vendor=1), None, False), (b"\xf5", None, False),
])
def test_the_cached_dhcp_answer_tells_option_245(packed, address, asked):
    text = f"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\{{guid}}\n    DhcpInterfaceOptions    REG_BINARY    {packed.hex().upper()}\n"
    lease = next(row.values for row in read(r"reg query HKLM\SYSTEM", text) if row.table == "leases")
    assert (lease.get("option_245"), lease["asked"], lease["interface"]) == (address, asked, "{guid}")


def test_systeminfo_in_two_languages():
    english = "\nHost Name:                 VM\nOS Name:                   Microsoft Windows Server 2022\nOriginal Install Date:     1/15/2026, 1:00:00 AM\nSystem Boot Time:          11/24/2026, 4:00:00 AM\n" \
              "Total Physical Memory:     8,191 MB\nAvailable Physical Memory: 191 MB\nVirtual Memory: Max Size:  9,000 MB\n"
    german = "\nHostname:                                      VM\nBetriebssystemname:                            Microsoft Windows Server 2022\nUrsprüngliches Installationsdatum:             15.01.2026, 01:00:00\n" \
             "Systemstartzeit:                               24.11.2026, 04:00:00\nGesamter physischer Speicher:                  8.191 MB\nVerfügbarer physischer Speicher:               191 MB\n"
    for text in (english, german):
        rows = read("systeminfo", text)
        assert only(rows, kind="ram")["total_bytes"] == 8191 * 1024 ** 2 and only(rows, kind="ram")["used_percent"] == 97.7
        assert only(rows, kind="boot")["when"] == 1795492800.0
    assert only(read("systeminfo", english), key="os_name")["value"] == "Microsoft Windows Server 2022"
    rows = read(["powershell", "Get-CimInstance Win32_OperatingSystem | fl"], "Caption                : Microsoft Windows Server 2022\nTotalVisibleMemorySize : 8000000\nFreePhysicalMemory     : 400000\nLastBootUpTime         : 11/24/2026 4:00:00 AM\n")
    assert only(rows, kind="ram")["used_percent"] == 95 and only(rows, kind="boot")["when"] == 1795492800.0


def test_disks_of_windows():
    rows = read("wmic logicaldisk get deviceid,size,freespace", "DeviceID  FreeSpace    Size          \r\r\nC:        1073741824   136365211648  \r\r\nD:                                   \r\r\n")
    assert only(rows, mount="C:")["available_bytes"] == 1073741824 and only(rows, mount="C:")["used_percent"] == 99.2
    rows = read("fsutil volume diskfree C:", "Total free bytes                :   1,073,741,824 (  1.0 GB)\nTotal bytes                     : 136,365,211,648 (127.0 GB)\nTotal quota free bytes          :   1,073,741,824 (  1.0 GB)\n")
    assert only(rows, mount="C:")["used_percent"] == 99.2
    rows = read("fsutil volume diskfree C:", "Gesamtzahl der freien Bytes : 1.073.741.824\nGesamtzahl der Bytes : 136.365.211.648\n")
    assert only(rows, mount="C:")["size_bytes"] == 136365211648


def test_dir_listings():
    rows = read("cmd /c dir /s C:\\Packages", " Volume in drive C is Windows\n\n Directory of C:\\Packages\\Plugins\n\n11/23/2026  01:05 PM    <DIR>          .\n11/23/2026  01:05 PM    <DIR>          Microsoft.X\n11/23/2026  01:05 PM         1,234,567 a b.zip\n               1 File(s)      1,234,567 bytes\n")
    assert only(rows, path=r"C:\Packages\Plugins\a b.zip") == {"path": r"C:\Packages\Plugins\a b.zip", "name": "a b.zip", "type": "file", "size": 1234567, "mtime": 1795439100.0}
    assert only(rows, name="Microsoft.X")["type"] == "folder"
    rows = read("cmd /c dir C:\\", " Verzeichnis von C:\\\n\n23.11.2026  13:05         1.234.567 a.zip\n")
    assert only(rows, path="C:\\a.zip")["mtime"] == 1795439100.0


def test_the_windows_firewall():
    rows = read("netsh advfirewall firewall show rule name=all", "\nRule Name:                            Block fabric\n----------------------------------------------------------------------\nEnabled:                              Yes\nDirection:                            Out\nProfiles:                             Domain,Private,Public\n"
                "Grouping:                             \nLocalIP:                              Any\nRemoteIP:                             168.63.129.16/32\nProtocol:                             Any\nEdge traversal:                       No\nAction:                               Block\n\n")
    values = only(rows, action="block")
    assert (values["chain"], values["destination"], values["name"]) == ("Out", "168.63.129.16/32", "Block fabric")
    rows = read("netsh advfirewall show allprofiles", "Domain Profile Settings: \n----------------------------------------------------------------------\nState                                 ON\nFirewall Policy                       BlockInbound,BlockOutbound\n")
    assert only(rows, chain="outbound")["action"] == "policy block"


def test_w32tm_and_typeperf():
    rows = read("w32tm /query /status /verbose", "Leap Indicator: 0(no warning)\nStratum: 2\nPhase Offset: -12.3456789s\nSource: VM IC Time\n")
    assert only(rows, key="offset_seconds")["value"] == -12.3456789
    rows = read(["typeperf", "-sc", "1", "x"], '"(PDH-CSV 4.0)","\\\\VM\\Processor(_Total)\\% Processor Time"\n"11/24/2026 06:00:00.123","97.512345"\nExiting\n')
    assert only(rows, busy_percent=97.5)["time"] == 1795500000.0


LEASES = {
    "dhclient": 'lease {\n  interface "eth0";\n  fixed-address 10.7.0.4;\n  option dhcp-server-identifier 168.63.129.16;\n  option unknown-245 a8:3f:81:10;\n  expire 4 2026/11/26 10:00:00;\n}\n',
    "networkd": "# This is private data. Do not parse.\nADDRESS=10.7.0.4\nSERVER_ADDRESS=168.63.129.16\nOPTION_245=a83f8110\n",
    "networkmanager": "[dhcp4]\ndhcp4.private_245=a8:3f:81:10\ndhcp4.dhcp_server_identifier=168.63.129.16\nip_address=10.7.0.4\n",
    "nmcli": "DHCP4.OPTION[1]:                        dhcp_server_identifier = 168.63.129.16\nDHCP4.OPTION[2]:                        ip_address = 10.7.0.4\nDHCP4.OPTION[9]:                        private_245 = a8:3f:81:10\n",
    "wicked": "<lease><family>ipv4</family><ipv4:dhcp xmlns:ipv4='x'><address>10.7.0.4</address><server-id>168.63.129.16</server-id><unknown-245>a8:3f:81:10</unknown-245></ipv4:dhcp></lease>",
}


@pytest.mark.parametrize("client", LEASES)
def test_option_245_in_every_clients_lease(client):
    values = read_lease(LEASES[client])[0].values
    assert (values["option_245"], values["server"], values["address"]) == ("168.63.129.16", "168.63.129.16", "10.7.0.4")


def test_leases_that_expire_lack_the_option_or_are_no_leases():
    rows = read_lease(LEASES["dhclient"] + 'lease {\n  interface "eth0";\n  expire never;\n}\nlease {\n  option unknown-245 ff:ff;\n  expire epoch 1795600000; # x\n')
    assert [row.values.get("option_245") for row in rows] == ["168.63.129.16", None, "ff:ff"]
    assert [row.values.get("expires") for row in rows] == [1795687200.0, None, 1795600000.0]
    assert [row.line for row in rows] == [1, 8, 12]
    assert read_lease("hello\n") == [] and read_lease("") == []
    assert read_lease('<!DOCTYPE x [<!ENTITY a "b">]><lease><address>&a;</address></lease>') == []


@pytest.mark.parametrize(("probe", "expected"), [
    ({"probe": "tcp", "target": "168.63.129.16:32526", "ok": False, "error": "timed out", "seconds": 5.0}, {"host": "168.63.129.16", "port": 32526, "ok": False, "error": "timed out"}),
    ({"probe": "http", "target": "http://168.63.129.16/?comp=versions", "ok": True, "status": "200", "seconds": "0.1"}, {"host": "168.63.129.16", "port": 80, "status": 200, "seconds": 0.1}),
    ({"probe": "tls", "target": "acct.blob.example", "port": 443, "ok": "true", "certificate": {"issuer": "X"}}, {"host": "acct.blob.example", "port": 443, "ok": True, "certificate_issuer": "X"}),
    ({"probe": "dns", "target": "acct.blob.example", "ok": 1, "addresses": ["10.0.0.1", "10.0.0.2"]}, {"ok": True, "addresses": "10.0.0.1,10.0.0.2"}),
    ({"probe": "tcp", "target": "[fd00::1]:443", "ok": None}, {"host": "fd00::1", "port": 443}),
])
def test_a_probe_is_one_row(probe, expected):
    rows = read_probe(json.dumps(probe))
    assert len(rows) == 1
    assert {name: rows[0].values.get(name) for name in expected} == expected


def test_a_pretty_printed_probe_cites_its_error():
    assert read_probe('{\n "probe": "tcp",\n "ok": false,\n "error": "timed out"\n}\n')[0].line == 4


def test_probes_with_many_targets_and_broken_ones():
    rows = read_probe('{"probe": "tcp", "results": [{"target": "a:80", "ok": true}, {"target": "b:81", "ok": false}]}')
    assert [(row.values["host"], row.values["port"], row.values["ok"]) for row in rows] == [("a", 80, True), ("b", 81, False)]
    assert read_probe('{"probe": "tcp", "ok": tr') == [] and read_probe("") == [] and read_probe("[1, 2]") == []


def test_what_powershell_tells_of_processors_rules_and_certificates():
    rows = read(["powershell", "Get-CimInstance Win32_Processor | ConvertTo-Csv"], '"DeviceID","LoadPercentage"\n"CPU0","100"\n"CPU1","90"\n')
    assert only(rows, cpus=2)["busy_percent"] == 95
    rows = read(["powershell", "Get-NetFirewallRule -Direction Outbound -Action Block -Enabled True | ConvertTo-Csv"], '"Name","DisplayName","Profile"\n"{1}","No fabric","Any"\n')
    assert only(rows, action="block") == {"tool": "netfirewall", "chain": "outbound", "action": "block", "name": "No fabric", "enabled": "true", "text": "No fabric"}
    rows = read(["powershell", r"Get-ChildItem Cert:\LocalMachine\My | ConvertTo-Csv"], '"Subject","NotAfter","HasPrivateKey"\n"CN=Windows Azure CRP Certificate Generator","11/23/2026 1:05:09 PM","True"\n')
    assert only(rows, has_private_key=True)["not_after"] == 1795439109.0
    assert recognise(["powershell", "(Get-Acl C:\\x).Sddl; (Get-ChildItem C:\\x | Measure-Object).Count"]) is None
    assert only(read("cmd /c ver", "\nMicrosoft Windows [Version 10.0.20348.2159]\n"), program="windows")["version"] == "10.0.20348.2159"
