"""Exceptions in the logs of the Windows agent and its extensions, as numbers: what failed, of what, and on the way where.

A log line tells an exception in the machine's language; its types, addresses and numbers are the same everywhere. Each
becomes records of the source `windows-failures`: provider `socket` (Winsock number), `http` (status), `tls`, `crypto`
(HRESULT), `win32` (error number), or `parse`, `config`, `assembly`, `other` (no number).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from analyzer.model import Value
from analyzer.sources.windows.phrases import PHRASES

Failure = tuple[str, int, Mapping[str, Value]]

MOST_TEXT = 4000
_TYPE = re.compile(r"\b((?:[A-Z]\w{1,60}\.){1,8}\w{1,80}(?:Exception|Error))\b")
_FRAME = re.compile(r"\s{1,8}(?:at|bei|à|en|in|w|в|em|a|na|在|於|場所|위치:)\s{1,4}\S+[.(]")
_STATUS = re.compile(r"[:：]\s?\((\d{3})\)|\(HTTP (\d{3})\)|\b[Ss]tatus(?: ?[Cc]ode)?(?: does not indicate success)?\s?[:=]\s?'?\(?(\d{3})\b|\bHTTP(?:/1\.[01])? (?:[Ss]tatus )?(?:[Cc]ode )?:?(\d{3})\b"
                     r"|\((\d{3})\) [A-Z\u00c0-\uffff]|\breturned (?:HTTP )?([45]\d\d)\b")
_NAMED = re.compile(r"Server Error: [\w ]{1,40}\((\w{3,40})\)|ProtocolException: [^:]{0,60}\((\w{3,40})\)")
_BY_NAME = {"badrequest": 400, "unauthorized": 401, "forbidden": 403, "notfound": 404, "proxyauthenticationrequired": 407, "requesttimeout": 408, "conflict": 409, "gone": 410,
            "preconditionfailed": 412, "internalservererror": 500, "badgateway": 502, "serviceunavailable": 503, "gatewaytimeout": 504}
_CODE = re.compile(r"\b(?:ErrorCode|Error ?Code|error code|Code)\s?[:=]\s?([A-Z][A-Za-z]{4,60})\b|<Code>([A-Z][A-Za-z]{4,60})</Code>|\b(?:(?<=\()|(?<=\. )|(?<=: ))"
                   r"((?:Blob|Container|Resource)NotFound|Authenti\w{4,12}Failed|Authorization\w{3,40}|InvalidBlobType|ServerBusy|OperationTimedOut|InternalError|Snapshot\w{5,40}Exceeded)\b")
_STORAGE = {"blobnotfound": 404, "containernotfound": 404, "resourcenotfound": 404, "containerbeingdeleted": 409, "authenticationfailed": 403, "authorizationfailure": 403,
            "authorizationpermissionmismatch": 403, "insufficientaccountpermissions": 403, "accountisdisabled": 403, "invalidauthenticationinfo": 403,
            "keybasedauthenticationnotpermitted": 403, "invalidblobtype": 409, "snapshotcountexceeded": 409, "snapshotoperationrateexceeded": 409, "snapshotspresent": 409,
            "pendingcopyoperation": 409, "serverbusy": 503, "operationtimedout": 500, "internalerror": 500, "leaseidmissing": 412, "conditionnotmet": 412, "toomanyrequests": 429,
            "leasealreadypresent": 409}
_HEX = re.compile(r"0x(8[0-9A-Fa-f]{7})\b|(?<![\d.-])-(2\d{9})\b")
_WINHTTP = {12002: 10060, 12007: 11001, 12029: 10061, 12030: 10054, 12152: 10054}
_ADDRESS = re.compile(r"\[?(?:::ffff:)?(\d{1,3}(?:\.\d{1,3}){3})\]?:(\d{1,5})\b")
_URL = re.compile(r"(https?)://([\w.-]{3,120})(?::(\d{1,5}))?(?=[/\s'\"?;,)]|$)", re.IGNORECASE)
_QUOTED_NAME = re.compile(r"['\"\u201e\u201c«(]{1,2}\s?([\w-]{2,63}(?:\.[\w-]{1,63}){1,8})\s?['\"\u201c\u201d»):]")
_PATH = re.compile(r"[A-Za-z]:\\[^\"'<>|*?\r\n]{2,250}?(?=['\"\u201c\u201d»]|\. |,|\s-|\s\(|$)")
_ACTIVITIES = tuple((re.compile(pattern, re.IGNORECASE), name) for pattern, name in (
    (r"upload\w{0,4}[^.]{0,60}status|status[^.]{0,40}(?:upload|blob)|ReportStatus|report\w{0,4}[^.]{0,30}status|PutStatus", "status-upload"),
    (r"certificat|transport ?cert|\bpfx\b", "certificate"),
    (r"protected ?settings|decrypt|thumbprint", "settings"),
    (r"download|manifest|plugin zip|package|\.zip\b|extract", "download"),
    (r"goal ?state|GetVersions|extensions? ?config|hosting ?environment|shared ?config|comp=(?:goalstate|config|versions)|incarnation|ControlSystem|supported versions", "goal-state"),
    (r"(?<!VM)snapshot|page ?blob|\.vhd\b", "snapshot"),
))
_STORAGE_HOST = re.compile(r"\.(?:blob|queue|table|file|dfs)\.|\.storage\.azure\.", re.IGNORECASE)


def failures_of(text: str, about: str = "") -> tuple[Failure, ...]:
    """What a line's exceptions come to; `about` is the record's first line where the exception stands below it.

    >>> [(provider, number, data["target"]) for provider, number, data in failures_of(
    ...     "GetVersions() failed: System.Net.WebException: x ---> System.Net.Sockets.SocketException: actively refused it 168.63.129.16:80")]
    [('socket', 10061, 'wireserver')]
    """
    return _failures(re.sub(r"^(?:\[\d{8}\] )?\[?\d[\d/-]{7,9}[ T][\d:.]{8,15}Z?\]? ", "", text[:MOST_TEXT]), about[:400])


@lru_cache(maxsize=1024)
def _failures(text: str, about: str) -> tuple[Failure, ...]:
    if _FRAME.match(text):
        return ()
    types = [name for name in _TYPE.findall(text) if not name.startswith("System.Threading.")]
    numbers = _specific(dict.fromkeys([*_of_phrases(text), *_of_codes(text), *_of_types(text, types)]))
    if not numbers:
        return ()
    shared = _shared(text, about, types)
    return tuple((provider, number, shared) for provider, number in numbers)


def _specific(numbers: dict[tuple[str, int], None]) -> dict[tuple[str, int], None]:
    """Without `could not connect` where the reason is told, and without the closed connection that a failed handshake leaves."""
    if any(provider == "socket" and number for provider, number in numbers):
        numbers.pop(("socket", 0), None)
    if any(provider == "tls" for provider, _ in numbers):
        numbers.pop(("socket", 10054), None)
    return numbers


def _of_phrases(text: str) -> Iterator[tuple[str, int]]:
    for provider, number, phrases in PHRASES:
        if any(phrase in text for phrase in phrases):
            yield provider, number


def _of_codes(text: str) -> Iterator[tuple[str, int]]:
    for found in _HEX.finditer(text):
        value = int(found.group(1), 16) if found.group(1) else (1 << 32) - int(found.group(2))
        if value >> 16 == 0x8007:
            low = value & 0xFFFF
            if low in _WINHTTP:
                yield "socket", _WINHTTP[low]
            elif 12000 <= low < 12200:
                yield "tls" if low in (12175, 12044, 12157) else "socket", low
            else:
                yield "socket" if 10000 <= low < 11100 else "win32", low
        elif value >> 16 == 0x8009:
            yield "tls" if 0x80090300 <= value <= 0x80090370 else "crypto", value
    if not re.search(r"Web|Http|Storage|Protocol|RequestFailed|remote server|Remoteserver|serveur distant|servidor remoto|server remoto|远程服务器|遠端伺服器|リモート サーバー|원격 서버|Server Error|HTTP"
                     r"|\b(?:GET|HEAD|POST|PUT) https?://", text):
        code = _CODE.search(text)
        if code and (code.group(1) or code.group(2) or code.group(3)).lower() in _STORAGE:
            yield "http", _STORAGE[(code.group(1) or code.group(2) or code.group(3)).lower()]
        return
    status = next((int(one) for found in _STATUS.finditer(text) for one in found.groups() if one and 300 <= int(one) < 600), None)
    named = _NAMED.search(text)
    if status is None and named:
        status = _BY_NAME.get((named.group(1) or named.group(2)).lower())
    if status is None:
        code = _CODE.search(text)
        status = _STORAGE.get((code.group(1) or code.group(2) or code.group(3)).lower()) if code else None
    if status is not None:
        yield "http", status


def _of_types(text: str, types: list[str]) -> Iterator[tuple[str, int]]:
    last = {name.rpartition(".")[2] for name in types}
    if last & {"XmlException", "JsonReaderException", "JsonSerializationException", "JsonException", "SerializationException"}:
        yield "parse", 0
    if last & {"ConfigurationErrorsException", "ConfigurationException"}:
        yield "config", 0
    if last & {"BadImageFormatException", "FileLoadException", "MissingMethodException", "TypeLoadException", "MissingFieldException", "EntryPointNotFoundException", "DllNotFoundException",
               "ReflectionTypeLoadException"}:
        yield "assembly", 0
    if "UnauthorizedAccessException" in last:
        yield "win32", 5
    if last & {"FileNotFoundException", "DirectoryNotFoundException"}:
        yield "win32", 2
    if "CryptographicException" in last and not any(phrase in text for provider, _, phrases in PHRASES if provider == "crypto" for phrase in phrases):
        yield "crypto", 0
    if "InvalidDataException" in last or "End of Central Directory" in text or "central directory" in text.lower():
        yield "zip", 0
    if last & {"ManagementException"}:
        yield "wmi", 0
    unconnected = last & {"WebException", "SocketException", "HttpRequestException", "EndpointNotFoundException", "CommunicationException"}
    if (unconnected or "Unable to connect to the remote server" in text) and not _STATUS.search(text):
        yield "socket", 0
    if last & {"TaskCanceledException", "TimeoutException"}:
        yield "socket", 10060


def _shared(text: str, about: str, types: list[str]) -> dict[str, Value]:
    told = f"{about}\n{text}" if about else text
    before = _TYPE.split(text, maxsplit=1)[0] if types else text
    activity = next((name for pattern, name in _ACTIVITIES if pattern.search(f"{about} {before}")), None) or next(
        (name for pattern, name in _ACTIVITIES if pattern.search(told)), None)
    host, port, url = _place(told)
    path = _PATH.search(text)
    code = _CODE.search(text)
    return {"about": (f"{about} " if about else "") + before.strip()[:300], "type": types[-1] if types else None, "types": " ".join(types[:8]) or None, "host": host, "port": port, "url": url,
            "target": _target(host, port, told, activity), "activity": activity, "path": path.group().rstrip() if path else None,
            "code": next((one for one in code.groups() if one), None) if code else None, "backup": bool(re.search(r"(?i)vmsnapshot|iaasbcdr|iaasvmprovider", told)), "all": told[:2000]}


def _place(text: str) -> tuple[str | None, int | None, str | None]:
    address, url, name = _ADDRESS.search(text), _URL.search(text), _QUOTED_NAME.search(text)
    if address:
        return address.group(1), int(address.group(2)), None
    if url:
        return url.group(2).lower(), int(url.group(3) or (443 if url.group(1).lower() == "https" else 80)), url.group()
    plain = re.search(r"\b(168\.63\.129\.16|169\.254\.169\.254)\b", text)
    if plain:
        return plain.group(1), None, None
    return (name.group(1).lower(), None, None) if name and re.search(r"\.(?:net|com|cn|us|local|de|fr|azure)$", name.group(1).lower()) else (None, None, None)


def _target(host: str | None, port: int | None, text: str, activity: str | None) -> str | None:
    """Which of the platform's services was meant: by its address, else by what was being done."""
    if host == "168.63.129.16":
        return "hostplugin" if port == 32526 or (port is None and "HostGAPlugin" in text) else "wireserver"
    if host == "169.254.169.254":
        return "metadata"
    if host and _STORAGE_HOST.search(host):
        return "storage"
    if host and port and not re.search(r"proxy", text, re.IGNORECASE) and not _STORAGE_HOST.search(text):
        return "storage" if activity in ("download", "snapshot", "status-upload") else "other"
    if "HostGAPlugin" in text:
        return "hostplugin"
    if _STORAGE_HOST.search(text) or activity in ("download", "snapshot", "status-upload"):
        return "storage"
    return "wireserver" if activity in ("goal-state", "certificate") else None
