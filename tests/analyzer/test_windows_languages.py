# ruff: noqa: E501 (console output is wider than code)
"""One VM as its tools tell of it in four languages, in every encoding that their output is handed over in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analyzer.windows import bundle, gathered, records, rows

# What the tools call things; what is the same in every language stands in the templates below.
WORDS: dict[str, dict[str, str]] = {
    "german": {
        "page": "cp850", "writer": 'Verfassername: "{}"', "wid": "Verfasserkennung", "instance": "Verfasserinstanzkennung", "state": "Status", "stable": "Stabil", "failed": "Fehlgeschlagen",
        "error": "Letzter Fehler", "none": "Kein Fehler", "timeout": "Zeitüberschreitung",
        "type": "TYPE", "scstate": "STATE", "start": "START_TYPE", "adapter": "Ethernet-Adapter Ethernet", "mac": "Physische Adresse", "enabled": "DHCP aktiviert", "yes": "Ja", "ipv4": "IPv4-Adresse",
        "preferred": "(Bevorzugt)", "mask": "Subnetzmaske", "gateway": "Standardgateway", "server": "DHCP-Server", "dns": "DNS-Server", "active": "Aktive Routen:",
        "head": "Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik", "onlink": "Auf Verbindung", "persistent": "Ständige Routen:",
        "winhttp": "Aktuelle WinHTTP-Proxyeinstellungen:", "proxy": "Proxyserver", "bypass": "Umgehungsliste", "nobypass": "(keine)",
        "host": "Hostname", "os": "Betriebssystemname", "installed": "Ursprüngliches Installationsdatum", "installed-at": "15.01.2026, 01:00:00", "booted": "Systemstartzeit",
        "booted-at": "10.03.2026, 03:00:00", "ram": "Gesamter physischer Speicher", "free": "Verfügbarer physischer Speicher", "mb": "8.191 MB", "free-mb": "191 MB",
        "tasks": "Abbildname                     PID Sitzungsname       Sitz.-Nr. Speichernutzung", "kb": "20.480 K",
        "provider": 'Anbietername: "{}"', "ptype": "Anbietertyp", "pid": "Anbieterkennung", "for": "Für Volume", "storage": "Schattenkopiespeichervolume", "used": "Verwendeter Schattenkopiespeicherbereich",
        "allocated": "Zugewiesener Schattenkopiespeicherbereich", "maximum": "Maximaler Schattenkopiespeicherbereich", "gb": "1,93 GB (1%)", "unbounded": "UNBEGRENZT (100%)",
    },
    "french": {
        "page": "cp850", "writer": "Nom du rédacteur : '{}'", "wid": "ID du rédacteur ", "instance": "ID d'instance du rédacteur ", "state": "État ", "stable": "Stable", "failed": "Échec",
        "error": "Dernière erreur ", "none": "Aucune erreur", "timeout": "Délai dépassé",
        "type": "TYPE", "scstate": "STATE", "start": "START_TYPE", "adapter": "Carte Ethernet Ethernet ", "mac": "Adresse physique ", "enabled": "DHCP activé", "yes": "Oui", "ipv4": "Adresse IPv4",
        "preferred": "(préféré)", "mask": "Masque de sous-réseau", "gateway": "Passerelle par défaut", "server": "Serveur DHCP ", "dns": "Serveurs DNS", "active": "Itinéraires actifs :",
        "head": "Destination réseau    Masque réseau  Adr. passerelle   Adr. interface Métrique", "onlink": "On-link", "persistent": "Itinéraires persistants :",
        "winhttp": "Paramètres de proxy WinHTTP actuels :", "proxy": "Serveur(s) proxy", "bypass": "Liste de contournement", "nobypass": "(aucun)",
        "host": "Nom de l'hôte", "os": "Nom du système d'exploitation", "installed": "Date d'installation originale", "installed-at": "15/01/2026, 01:00:00", "booted": "Heure de démarrage du système",
        "booted-at": "10/03/2026, 03:00:00", "ram": "Mémoire physique totale", "free": "Mémoire physique disponible", "mb": "8\u00a0191 Mo", "free-mb": "191 Mo",
        "tasks": "Nom de l'image                 PID Nom de la sessio Numéro de s Utilisation", "kb": "20\u00a0480 Ko",
        "provider": "Nom du fournisseur : '{}'", "ptype": "Type de fournisseur ", "pid": "ID du fournisseur ", "for": "Pour le volume ", "storage": "Volume de stockage de clichés instantanés ",
        "used": "Espace utilisé ", "allocated": "Espace alloué ", "maximum": "Espace maximal ", "gb": "1,93 Go (1%)", "unbounded": "ILLIMITÉ (100%)",
    },
    "chinese": {
        "page": "cp936", "writer": "编写器名称: “{}”", "wid": "编写器 Id", "instance": "编写器实例 Id", "state": "状态", "stable": "稳定", "failed": "失败", "error": "上一个错误", "none": "无错误", "timeout": "超时",
        "type": "类型", "scstate": "状态", "start": "启动类型", "adapter": "以太网适配器 以太网", "mac": "物理地址", "enabled": "DHCP 已启用", "yes": "是", "ipv4": "IPv4 地址",
        "preferred": "(首选)", "mask": "子网掩码", "gateway": "默认网关", "server": "DHCP 服务器", "dns": "DNS 服务器", "active": "活动路由:",
        "head": "网络目标        网络掩码          网关       接口   跃点数", "onlink": "在链路上", "persistent": "永久路由:",
        "winhttp": "当前的 WinHTTP 代理服务器设置:", "proxy": "代理服务器", "bypass": "绕过列表", "nobypass": "(无)",
        "host": "主机名", "os": "OS 名称", "installed": "初始安装日期", "installed-at": "2026/1/15, 1:00:00", "booted": "系统启动时间",
        "booted-at": "2026/3/10, 3:00:00", "ram": "物理内存总量", "free": "可用的物理内存", "mb": "8,191 MB", "free-mb": "191 MB",
        "tasks": "映像名称                       PID 会话名              会话#       内存使用", "kb": "20,480 K",
        "provider": "提供程序名称: “{}”", "ptype": "提供程序类型", "pid": "提供程序 Id", "for": "卷", "storage": "卷影副本存储卷", "used": "已用的卷影副本存储空间",
        "allocated": "已分配的卷影副本存储空间", "maximum": "最大卷影副本存储空间", "gb": "1.93 GB (1%)", "unbounded": "无限制 (100%)",
    },
    "japanese": {
        "page": "cp932", "writer": "ライター名: '{}'", "wid": "ライター ID", "instance": "ライター インスタンス ID", "state": "状態", "stable": "安定", "failed": "失敗", "error": "最後のエラー", "none": "エラーなし", "timeout": "タイムアウト",
        "type": "種類", "scstate": "状態", "start": "開始の種類", "adapter": "イーサネット アダプター イーサネット", "mac": "物理アドレス", "enabled": "DHCP 有効", "yes": "はい", "ipv4": "IPv4 アドレス",
        "preferred": "(優先)", "mask": "サブネット マスク", "gateway": "デフォルト ゲートウェイ", "server": "DHCP サーバー", "dns": "DNS サーバー", "active": "アクティブ ルート:",
        "head": "ネットワーク宛先        ネットマスク          ゲートウェイ       インターフェイス  メトリック", "onlink": "リンク上", "persistent": "固定ルート:",
        "winhttp": "現在の WinHTTP プロキシ設定:", "proxy": "プロキシ サーバー", "bypass": "バイパス一覧", "nobypass": "(なし)",
        "host": "ホスト名", "os": "OS 名", "installed": "最初のインストール日付", "installed-at": "2026/01/15, 1:00:00", "booted": "システム起動時間",
        "booted-at": "2026/03/10, 3:00:00", "ram": "物理メモリの合計", "free": "利用できる物理メモリ", "mb": "8,191 MB", "free-mb": "191 MB",
        "tasks": "イメージ名                     PID セッション名     セッション# メモリ使用量", "kb": "20,480 K",
        "provider": "プロバイダー名: '{}'", "ptype": "プロバイダーの種類", "pid": "プロバイダー ID", "for": "ボリューム", "storage": "シャドウ コピーの記憶域ボリューム", "used": "シャドウ コピーの記憶域の使用領域",
        "allocated": "シャドウ コピーの記憶域の割り当て領域", "maximum": "シャドウ コピーの記憶域の最大領域", "gb": "1.93 GB (1%)", "unbounded": "制限なし (100%)",
    },
}
VOLUME = "(C:)\\\\?\\Volume{cccccccc-0000-4000-8000-000000000001}\\"


def outputs(w: dict[str, str]) -> dict[str, str]:
    """The output of each tool, by its command line."""
    def writer(name: str, guid: str, number: int, said: str, last: str) -> str:
        return (f"{w['writer'].format(name)}\n   {w['wid']}: {{{guid}}}\n   {w['instance']}: {{00000000-0000-4000-8000-00000000000{number}}}\n"
                f"   {w['state']}: [{number}] {said}\n   {w['error']}: {last}\n\n")

    return {
        "vssadmin list writers": "vssadmin 1.1\n(C) Copyright 2001-2013 Microsoft Corp.\n\n" + writer("System Writer", "e8132975-6f93-4464-a53e-1050253ae220", 1, w["stable"], w["none"])
        + writer("SqlServerWriter", "a65faa63-5ea8-4ebc-9dbd-a0c4db26912a", 9, w["failed"], w["timeout"]),
        "vssadmin list providers": f"vssadmin 1.1\n\n{w['provider'].format('Microsoft Software Shadow Copy provider 1.0')}\n   {w['ptype']}: System\n   {w['pid']}: {{b5946137-7b9f-4925-af80-51abd60b20d5}}\n   Version: 1.0.0.7\n",
        "vssadmin list shadowstorage": f"vssadmin 1.1\n\nX\n   {w['for']}: {VOLUME}\n   {w['storage']}: {VOLUME}\n   {w['used']}: {w['gb']}\n   {w['allocated']}: {w['gb']}\n   {w['maximum']}: {w['unbounded']}\n",
        "sc queryex RdAgent": f"\nSERVICE_NAME: RdAgent\n        {w['type']}               : 10  WIN32_OWN_PROCESS\n        {w['scstate']}              : 1  STOPPED\n        WIN32_EXIT_CODE    : 1067  (0x42b)\n        PID                : 0\n        FLAGS              :\n",
        "sc qc RdAgent": f"[SC] QueryServiceConfig SUCCESS\n\nSERVICE_NAME: RdAgent\n        {w['type']}               : 10  WIN32_OWN_PROCESS\n        {w['start']}         : 4   DISABLED\n        ERROR_CONTROL      : 1   NORMAL\n        BINARY_PATH_NAME   : C:\\WindowsAzure\\Packages\\WaAppAgent.exe\n        SERVICE_START_NAME : LocalSystem\n",
        "sc qc IaasVmProvider": "[SC] OpenService FAILED 1060:\n\n?\n",
        "ipconfig /all": f"\nWindows IP\n\n{w['adapter']}:\n\n   X . . . . . . : Hyper-V\n   {w['mac']} . . . . : 00-0D-3A-00-00-01\n   {w['enabled']} . . . . . : {w['yes']}\n   {w['ipv4']} . . . . : 10.7.0.4{w['preferred']}\n   {w['mask']} . . . . : 255.255.255.0\n"
        f"   {w['gateway']} . . . . : 10.7.0.1\n   {w['server']} . . . . : 168.63.129.16\n   {w['dns']} . . . . : 168.63.129.16\n",
        "route print": f"{'=' * 75}\n{w['active']}\n     {w['head']}\n          0.0.0.0          0.0.0.0         10.7.0.1         10.7.0.4     10\n         10.7.0.0    255.255.255.0   {w['onlink']}         10.7.0.4    266\n{'=' * 75}\n{w['persistent']}\n  X\n    168.63.129.16  255.255.255.255       10.7.0.99       1\n{'=' * 75}\n",
        "netsh winhttp show proxy": f"\n{w['winhttp']}\n\n    {w['proxy']} :  10.7.0.9:3128\n    {w['bypass']}     :  {w['nobypass']}\n",
        "systeminfo": f"\n{w['host']}:                 WEB01\n{w['os']}:                   Microsoft Windows Server 2022\n{w['installed']}:     {w['installed-at']}\n{w['booted']}:          {w['booted-at']}\n{w['ram']}:     {w['mb']}\n{w['free']}: {w['free-mb']}\n",
        "tasklist": f"\n{w['tasks']}\n========================= ======== ================ =========== ===============\nWaAppAgent.exe                2346 Services                   0 {w['kb']:>15}\nSystem Idle Process              0 Services                   0             8 K\n",
    }


ENCODINGS = ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "page")


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_vm_is_read_alike_in_every_language_and_encoding(tmp_path: Path, language: str, encoding: str) -> None:
    words = WORDS[language]
    name = words["page"] if encoding == "page" else encoding
    found = gathered(bundle(tmp_path / "b.zip", {}, commands={line: text.replace("\n", "\r\n").encode(name) for line, text in outputs(words).items()}))
    assert [(one["name"], one["state"], one["error_ok"]) for one in rows(found, "writers")] == [("System Writer", 1, True), ("SqlServerWriter", 9, False)]
    assert rows(found, "providers")[0]["name"] == "Microsoft Software Shadow Copy provider 1.0"
    storage = rows(found, "shadowstorage")[0]
    assert storage["unbounded"] is True and round(float(str(storage["used_bytes"])) / 2**30, 2) == 1.93
    service, config, missing = rows(found, "services", unit="RdAgent", exit_code=1067), rows(found, "services", start_type="disabled"), rows(found, "services", load="not-found")
    assert service[0]["sub"] == "stopped" and config[0]["exec_start"] == r"C:\WindowsAzure\Packages\WaAppAgent.exe" and missing[0]["unit"] == "IaasVmProvider"
    address = rows(found, "addresses", address="10.7.0.4")[0]
    assert (address["dhcp"], address["gateway"], address["dhcp_server"], address["dns"]) == (True, "10.7.0.1", "168.63.129.16", "168.63.129.16")
    assert [(one["destination"], one.get("gateway"), one["type"]) for one in rows(found, "routes")] == [
        ("default", "10.7.0.1", "unicast"), ("10.7.0.0/24", None, "unicast"), ("168.63.129.16", "10.7.0.99", "persistent")]
    proxy = rows(found, "winproxy")[0]
    assert (proxy["direct"], proxy["server"], proxy.get("bypass")) == (False, "10.7.0.9:3128", None)
    assert rows(found, "memory", kind="ram")[0]["total_bytes"] == 8191 * 2**20 and rows(found, "boots")[0]["when"] == 1773111600.0
    assert rows(found, "processes", pid=2346)[0]["kind"] == "agent-daemon" and rows(found, "processes", pid=2346)[0]["rss_bytes"] == 20480 * 1024


@pytest.mark.parametrize("language", WORDS)
def test_what_was_pasted_without_its_command_is_recognised(tmp_path: Path, language: str) -> None:
    for number, text in enumerate(outputs(WORDS[language]).values()):
        (tmp_path / f"paste{number}.txt").write_text(text, encoding="utf-8")
    found = gathered(tmp_path)
    assert {"writers", "providers", "shadowstorage", "services", "addresses", "routes", "winproxy", "processes", "memory", "boots"} <= set(found.tables) and found.platform == "windows"


@pytest.mark.parametrize(("titles", "when"), [
    ("Level,Date and Time,Source,Event ID,Task Category", "3/2/2026 8:00:04 AM"),
    ("Livello,Data e ora,Origine,ID evento,Categoria attività", "02/03/2026 08:00:04"),
    ("Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie", "02.03.2026 08:00:04"),
    ("级别,日期和时间,来源,事件 ID,任务类别", "2026/3/2 8:00:04"),
    ("レベル,日付と時刻,ソース,イベント ID,タスクのカテゴリ", "2026/03/02 8:00:04"),
])
def test_what_the_event_viewer_saves_is_read_in_any_language(tmp_path: Path, titles: str, when: str) -> None:
    text = f'\ufeff{titles}\nX,{when},VSS,8193,-,"CoCreateInstance. hr = 0x80040154\n. \n\nOperation:\n"\nX,{when},SceCli,1704,-,"y"\n'
    (record,) = records(gathered(bundle(tmp_path / "b.zip", {"C:/saved/x.csv": text})), "VSS", 8193)
    assert (record.time, record.data["hresult"], record.source, record.cite.line) == (1_772_438_404.0, "0x80040154", "event-application", 2)
