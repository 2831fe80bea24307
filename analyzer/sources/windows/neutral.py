"""What an event says beneath its words: short service names, states, HRESULTs, writers, process names, exception types.

Sources: the Binary field of Service Control Manager 7036 is UTF-16 `name/state` (4 running, 1 stopped), that of other SCM
events the short name; EventLog 6008 carries two SYSTEMTIMEs (local, UTC); VSS events an ASCII block with the process
(`CMD:`). Texts keep codes, GUIDs, routine and file names in every language.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache

from analyzer.clock import parse_iso
from analyzer.model import Value
from analyzer.sources.commands.vss import WRITERS
from analyzer.sources.windows.event import Event

LONGEST = 6000
_STAMP = re.compile(r"\d{4}\D\d\d\D\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z")
_HRESULT = re.compile(r"0x([89][0-9A-Fa-f]{7})\b|\(?-(21[0-9]{8})\b")
_HR = re.compile(r"(?i)\bhr\s{0,2}=\s{0,2}(0x[0-9a-f]{8})")
_WRITER = re.compile(r"\{([0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})\}")
_EXCEPTION = re.compile(r"\b((?:System|Microsoft)(?:\.[A-Z]\w{1,60}){1,8}(?:Exception|Error))\b")
_PROGRAM = re.compile(r"([\w.+-]{1,80}\.(?:exe|dll))\b", re.IGNORECASE)
_FAULT = re.compile(r"0x([0-9A-Fa-f]{8})\b|\b(e0434352|c000[0-9a-f]{4})\b", re.IGNORECASE)
_CODE = re.compile(r"%%(\d{1,10})|\b(?:error|Fehler|erreur|错误|エラー)\D{0,20}?(\d{1,5})\b", re.IGNORECASE)
_CMD = re.compile(r"- ?CMD: {0,4}(.*?)\s*- User:", re.DOTALL)
_ROUTINE = re.compile(r"(?:routine|Routine|routine :|Prozedur|例程|ルーチン)\s{1,2}['\"]?([A-Za-z_:]\w{2,60}(?:::\w+)?)|\b((?:I?Vss\w*|I\w+Provider)::\w{3,50}|CoCreateInstance|CreateFileW|DeviceIoControl"
                      r"|RegOpenKeyExW|ConvertStringSidToSid|EndPrepareSnapshots|PreFinalCommitSnapshots|PostFinalCommitSnapshots|BeginPrepareSnapshot|CommitSnapshots|QueryFullProcessImageNameW"
                      r"|RegSaveKeyExW|OpenService|StartService|Cannot find anymore diff area candidates)\b")
OPERATIONS = re.compile(r"\b(PreFinalCommitSnapshots|PostFinalCommitSnapshots|EndPrepareSnapshots|BeginPrepareSnapshot|PrepareSnapshots|CommitSnapshots|DoSnapshotSet|OnIdentify|PrepareForSnapshot"
                        r"|Freeze|Thaw|PostSnapshot|OnPostSnapshot|Gathering Writer Data|GatherWriterMetadata|BackupShutdown|PreRestore)\b")

# Short names by what sentences call them; display names of the Azure services are not translated.
_SERVICES = (
    (r"WindowsAzureGuestAgent|Windows Azure Guest Agent", "WindowsAzureGuestAgent"), (r"\bRdAgent\b", "RdAgent"), (r"IaasVmProvider", "IaasVmProvider"),
    (r"WindowsAzureTelemetryService", "WindowsAzureTelemetryService"),
    (r"COM\+ System Application|COM\+-Systemanwendung|Application système COM\+|COM\+ システム アプリケーション|COM\+ 系统应用程序|COMSysApp", "COMSysApp"),
    (r"COM\+ Event System|COM\+-Ereignissystem|Système d.événements? COM\+|EventSystem", "EventSystem"),
    (r"Distributed Transaction Coordinator|\bMSDTC\b", "MSDTC"), (r"Volume Shadow Copy|Volumeschattenkopie|Cliché instantané|ボリューム シャドウ コピー|卷影复制|卷影拷贝|\bVSS\b", "VSS"),
    (r"Software Shadow Copy Provider|Softwareschattenkopie|\bswprv\b", "swprv"), (r"SQL Server VSS Writer|SQLWriter", "SQLWriter"),
    (r"CNG Key Isolation|CNG-Schlüsselisolation|\bKeyIso\b", "KeyIso"), (r"DHCP[ -]Client|\bDhcp\b", "Dhcp"), (r"Windows Installer|\bmsiserver\b", "msiserver"),
    (r"Base Filtering Engine|Basisfiltermodul|\bBFE\b", "BFE"), (r"Cryptographic Services|Kryptografiedienste|CryptSvc", "CryptSvc"),
    (r"Windows Management Instrumentation|Winmgmt", "Winmgmt"), (r"\bSQL Server \(|MSSQLSERVER|MSSQL\$", "MSSQLSERVER"),
)
_NAMED = tuple((re.compile(pattern, re.IGNORECASE), name) for pattern, name in _SERVICES)
_SHORT = {name.lower(): name for _, name in _SERVICES}
_RUNNING = re.compile(r"running|wird ausgeführt|ausgeführt|en cours d.exécution|en ejecución|in esecuzione|em execução|正在运行|実行中|실행|выполня", re.IGNORECASE)
_STOPPED = re.compile(r"stopped|beendet|angehalten|arrêté|detenido|arrestat|interrott|parad|interrompid|停止|已停止|중지|остановл", re.IGNORECASE)
_DISABLED = re.compile(r"disabled|deaktiviert|désactivé|deshabilitado|disabilitat|desativad|禁用|已禁用|停用|無効|사용 안|отключен", re.IGNORECASE)
_STATES = {"4": "running", "1": "stopped"}
_HOST_STOP = re.compile(r"vmicsvc\.exe|vmicshutdown|vmcompute", re.IGNORECASE)


def neutral(provider: str, event: Event) -> dict[str, Value]:
    """The fields that can be matched in any language; `all` is every value of the event in one text."""
    text = "\n".join(value for value in (*(event.values or event.fields.values()), event.message) if value)[:LONGEST]
    found: dict[str, Value] = {"all": text}
    for place, value in enumerate(event.values[:12], 1):
        found.setdefault(f"p{place}", value[:500])
    hr, code = _HR.search(text), _HRESULT.search(text)
    if hr:
        found["hresult"] = hr.group(1).lower()
    elif code:
        found["hresult"] = f"0x{code.group(1).lower()}" if code.group(1) else f"0x{(1 << 32) - int(code.group(2)):08x}"
    special = _SPECIAL.get(provider.lower())
    if special:
        found |= special(event, text)
    return {key: value for key, value in found.items() if value is not None}


# What the Service Control Manager writes where an export put words in place of `%%2`: the number of the system's error.
_SERVICE_ERRORS = tuple((number, re.compile(words, re.IGNORECASE)) for number, words in (
    (2, r"cannot find the file specified|angegebene Datei nicht finden|fichier spécifié est introuvable|encontrar el archivo especificado|trovare il file specificato"
        r"|encontrar o (?:arquivo|ficheiro) especificado|找不到指定的文件|找不到指定的檔案|指定されたファイルが見つかりません|지정된 파일을 찾을 수 없|найти указанный файл"),
    (3, r"cannot find the path specified|angegebenen Pfad nicht finden|chemin d.accès spécifié est introuvable|encontrar la ruta especificada|trovare il percorso specificato"
        r"|encontrar o caminho especificado|找不到指定的路径|找不到指定的路徑|指定されたパスが見つかりません|지정된 경로를 찾을 수 없|найти указанный путь"),
    (193, r"not a valid Win32 application|keine (?:zulässige|gültige) Win32-Anwendung|pas une application Win32 valide|no es una aplicación Win32 válida"
          r"|non è un.applicazione (?:di )?Win32 valida|não é um aplicativo Win32 válido|不是有效的 ?Win32|有効な ?Win32 ?アプリケーション|올바른 Win32 응용|не является приложением Win32"),
    (1053, r"did not respond to the start or control request|nicht rechtzeitig auf die Start- oder Steuerungsanforderung|répondu assez vite à la demande de lancement"
           r"|没有及时响应启动或控制请求|開始要求または制御要求に適切な方法で応答"),
    (1058, r"cannot be started, either because it is disabled|entweder deaktiviert|ne peut pas être démarré parce qu.il est désactivé|ya sea porque está deshabilitado"
           r"|无法启动服务，原因可能是已被禁用|無効になっているか"),
    (1068, r"dependency service or group failed to start|Abhängigkeitsdienst oder die Abhängigkeitsgruppe|service ou le groupe de dépendance n.a pas pu|依赖服务或组无法启动|依存関係サービスまたはグループ"),
    (1069, r"did not start due to a logon failure|Anmeldefehlers? nicht gestartet|échec d.ouverture de session|由于登录失败而无法启动服务|ログオン失敗のため"),
))


def _scm(event: Event, text: str) -> dict[str, Value]:
    name, _, state = _utf16(event.binary).partition("/")
    named = event.fields.get("ServiceName") or event.fields.get("param4" if event.event_id == 7040 else "") or name
    short = _SHORT.get(named.lower(), named) if named else next((known for pattern, known in _NAMED if pattern.search(text)), None)
    values: dict[str, Value] = {"service": short or None}
    if event.event_id == 7036:
        values["state"] = _STATES.get(state) or ("running" if _RUNNING.search(text) else "stopped" if _STOPPED.search(text) else None)
    if event.event_id == 7040:
        target = event.fields.get("param3") or text
        values["disabled"] = bool(_DISABLED.search(target.rsplit(" ", 3)[-1] if target is text else target)) or (
            target is text and bool(re.search(_DISABLED.pattern + r"\W*$", text.strip(), re.IGNORECASE)))
    code = _CODE.search(text)
    if not code and event.event_id in (7000, 7001, 7023, 7038):
        values["code"] = next((number for number, words in _SERVICE_ERRORS if words.search(text)), None)
    if code and event.event_id in (7000, 7001, 7023, 7024, 7038):
        number = int(code.group(1) or code.group(2))
        values["code"] = number & 0xFFFF if number > 0xFFFF and number >> 16 == 0x8007 else number
    return values


@lru_cache(maxsize=1024)
def watched_service(packed: str) -> str:
    """The short name in the Binary of a service's event, if it is a service that backups depend on; else empty.

    >>> watched_service("5600530053002F0031000000"), watched_service("")
    ('VSS', '')
    """
    return _SHORT.get(_utf16(packed).partition("/")[0].lower(), "")


def _utf16(packed: str) -> str:
    try:
        return bytes.fromhex(packed[:512]).decode("utf-16-le", "replace").rstrip("\0")
    except ValueError:
        return ""


def _vss(event: Event, text: str) -> dict[str, Value]:
    writer = next((guid.lower() for guid in _WRITER.findall(text) if guid.lower() in WRITERS), None)
    routine, operation = _ROUTINE.search(text), OPERATIONS.search(text)
    said = event.binary
    if re.fullmatch(r"[0-9A-Fa-f]{8,}", said):
        said = bytes.fromhex(said[:len(said) // 2 * 2][:2000]).decode("latin-1")
    command = _CMD.search(said)
    return {"writer": writer, "writer_name": WRITERS[writer] if writer else None, "routine": (routine.group(1) or routine.group(2)) if routine else None,
            "operation": operation.group(1) if operation else None, "cmd": command.group(1).strip().lower() if command else None,
            "execution": "system-provider" if "System Provider" in text else "writer" if re.search(r"Execution Context: .{0,40}Writer|Writer Class Id", text) else None}


def _crash(event: Event, text: str) -> dict[str, Value]:
    """Application Error 1000, Hang 1002 and .NET Runtime 1026: which program died, of what, and in which module."""
    programs = _PROGRAM.findall(event.values[0] if event.values and _PROGRAM.search(event.values[0]) else text)
    exception = [name for name in _EXCEPTION.findall(text) if not name.startswith("System.Threading.")]
    fault = _FAULT.search(event.values[6]) if len(event.values) > 6 else next((one for one in _FAULT.finditer(text) if one.group(1) and one.group(1)[0] in "cCeE8"), None)
    module = event.values[3] if len(event.values) > 3 else next((name for name in programs[1:] if name.lower() != programs[0].lower()), None)
    return {"program": programs[0] if programs else None, "exception": exception[0] if exception else None, "exceptions": " ".join(exception[:8]) or None,
            "fault": (fault.group(1) or fault.group(2)).lower() if fault else None, "module": module}


def _shutdown(event: Event, text: str) -> dict[str, Value]:
    """User32 1074: the process that asked; `by_host` for the platform's own request, `restart` where it can be told."""
    if event.event_id != 1074:
        return {}
    process = event.fields.get("param1") or (event.values[0] if event.values else "") or next(iter(re.findall(r"[A-Za-z]:\\[^\s()]{3,120}", text)), "")
    action = event.fields.get("param5") or (event.values[4] if len(event.values) > 4 else "")
    word = action or text
    restart = bool(re.search(r"restart|neu ?start|redémarr|reinici|riavvi|重新启动|重启|重新啟動|再起動|다시 시작|перезагру|opnieuw opstarten|uruchom ponownie|omstart", word, re.IGNORECASE))
    reason = event.fields.get("param4") or (event.values[3] if len(event.values) > 3 else "") or next(iter(re.findall(r"0x[0-9A-Fa-f]{1,8}", text)), "")
    user = event.fields.get("param7") or (event.values[6] if len(event.values) > 6 else "")
    return {"process": process.split(" (")[0] or None, "restart": restart, "by_host": bool(_HOST_STOP.search(text)) or (
        "svchost.exe" in process.lower() and reason.lower() == "0x80000000"), "reason": reason or None, "user": user or None}


def _eventlog(event: Event, text: str) -> dict[str, Value]:
    """EventLog 6008: when the system died. 6013: how long it had been up, and its zone (minutes from local time to UTC)."""
    if event.event_id == 6008:
        return {"died": _system_time(event.binary[32:64])}
    if event.event_id == 6013 and len(event.values) > 6:
        bias = event.values[6].split(" ")[0]
        return {"up_seconds": int(event.values[4]) if event.values[4].isdigit() else None, "bias_minutes": int(bias) if re.fullmatch(r"-?\d{1,4}", bias) else None}
    return {}


def _clock(event: Event, text: str) -> dict[str, Value]:
    """Kernel-General 1: by how many seconds the clock was set, and whether after the hardware's clock."""
    if event.event_id != 1:
        return {}
    stamps = _STAMP.findall(text.replace("\u200e", ""))
    new, old = event.fields.get("NewTime") or next(iter(stamps), ""), event.fields.get("OldTime") or next(iter(stamps[1:]), "")
    after, before = parse_iso(new), parse_iso(old)
    reason = event.fields.get("Reason")
    return {"step": round(after - before) if after is not None and before is not None else None,
            "hardware": reason == "2" if reason and reason.isdigit() else bool(re.search(r"(?i)hardware clock|Hardwareuhr|horloge matérielle|reloj de hardware|硬件时钟|ハードウェア", text))}


def _system_time(packed: str) -> str | None:
    """A SYSTEMTIME in hex (year, month, day of the week, day, hour, minute, second, millisecond, little endian) as ISO 8601."""
    try:
        year, month, _, day, hour, minute, second, thousandth = struct.unpack("<8H", bytes.fromhex(packed))
    except (ValueError, struct.error):
        return None
    return f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}.{thousandth:03d}Z"


def _policy(event: Event, text: str) -> dict[str, Value]:
    path = event.fields.get("FullFilePath") or event.fields.get("FilePath") or event.fields.get("File Name") or event.fields.get("FileNameBuffer") or event.fields.get("Path")
    return {"blocked": (path or text)[:500].replace("/", "\\").lower()}


_SPECIAL = {
    "service control manager": _scm, "vss": _vss, "application error": _crash, "application hang": _crash, ".net runtime": _crash, "windows error reporting": _crash,
    "user32": _shutdown, "eventlog": _eventlog, "microsoft-windows-kernel-general": _clock, "microsoft-windows-applocker": _policy, "microsoft-windows-codeintegrity": _policy, "microsoft-windows-windows defender": _policy,
}
