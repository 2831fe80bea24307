"""Exceptions in logs of any language come to the same numbers, and to the service that was asked."""

from __future__ import annotations

import pytest

from analyzer.sources.windows.failures import failures_of

WIRE = "GetVersions() failed with exception: System.Net.WebException: x ---> System.Net.Sockets.SocketException: "
DOWN = "Failed to download plugin manifest from https://umsa1.blob.core.windows.net/a/b.xml. Exception: System.Net.WebException: "
STATUS = "Failed to upload the status blob. Exception: Microsoft.WindowsAzure.Storage.StorageException: "

TOLD = [
    (WIRE + "A socket operation was attempted to an unreachable network 168.63.129.16:80", "socket", 10051, "wireserver"),
    (WIRE + "Es konnte keine Verbindung hergestellt werden, da der Zielcomputer die Verbindung verweigerte 168.63.129.16:80",
     "socket", 10061, "wireserver"),
    (WIRE + "由于目标计算机积极拒绝，无法连接。 168.63.129.16:32526", "socket", 10061, "hostplugin"),
    (WIRE + "Une tentative d'accès à un socket de manière interdite par ses autorisations d'accès a été "
     "tentée 168.63.129.16:32526",
     "socket", 10013, "hostplugin"),
    (WIRE + "接続済みの呼び出し先が一定の時間を過ぎても正しく応答しなかったため、接続できませんでした。 168.63.129.16:80",
     "socket", 10060, "wireserver"),
    (DOWN + "The remote name could not be resolved: 'umsa1.blob.core.windows.net'", "socket", 11001, "storage"),
    (DOWN + "Le serveur distant a retourné une erreur : (407) Authentification proxy requise.", "http", 407, "storage"),
    (DOWN + "Error en el servidor remoto: (403) Prohibido.", "http", 403, "storage"),
    (DOWN + "원격 서버에서 (404) 없음 오류를 반환했습니다.", "http", 404, "storage"),
    (DOWN + "The request was aborted: Could not create SSL/TLS secure channel.", "tls", 0x80090326, "storage"),
    (DOWN + "The underlying connection was closed: Could not establish trust relationship for the SSL/TLS secure channel.",
     "tls", 0x80090325, "storage"),
    (STATUS + "The remote server returned an error: (409) Conflict.", "http", 409, "storage"),
    ("GetMachineGoalState() failed: Microsoft.ServiceModel.Web.WebProtocolException: Server Error: Gone (Gone)", "http", 410, "wireserver"),
    ("Parsing the goal state failed: System.Xml.XmlException: Unexpected end of file", "parse", 0, "wireserver"),
    ("Failed to write C:\\x\\1.settings. System.IO.IOException: 磁盘空间不足。", "win32", 112, None),
    ("Decrypting protected settings: System.Security.Cryptography.CryptographicException: Keyset does not exist", "crypto", 0x80090016, None),
    ("Install failed, error code -2147024784", "win32", 112, None),
    ("WinHttpSendRequest: 0x80072ee7", "socket", 11001, None),
    ("ErrorCode:SnapshotCountExceeded", "http", 409, "storage"),
]


@pytest.mark.parametrize(("text", "provider", "number", "target"), TOLD)
def test_an_exception_comes_to_a_number_and_a_target(text: str, provider: str, number: int, target: str | None) -> None:
    found = {(one, which): data for one, which, data in failures_of(text)}
    assert (provider, number) in found
    assert found[provider, number]["target"] == target


def test_the_reason_replaces_that_there_was_no_connection() -> None:
    text = "System.Net.WebException: Unable to connect to the remote server ---> " \
        "System.Net.Sockets.SocketException: actively refused it 10.0.0.9:8080"
    assert [(provider, number) for provider, number, _ in failures_of(text)] == [("socket", 10061)]


@pytest.mark.parametrize("text", [
    "   at System.Net.ServicePoint.ConnectSocketInternal(Boolean connectFailure, Socket s4, Exception& exception)",
    "   在 System.Net.HttpWebRequest.GetResponse()",
    "[00000020] 2026-03-02T08:34:12.06Z [HEART] WindowsAzureGuestAgent Heartbeat.",
])
def test_frames_and_heartbeats_tell_no_failure(text: str) -> None:
    assert not failures_of(text)


def test_what_was_done_is_told_by_the_first_line_of_the_record() -> None:
    (_, _, data), = failures_of("System.Net.WebException: The remote server returned an error: (403) Forbidden.",
                                "Failed to download the extension package")
    assert (data["activity"], data["target"]) == ("download", "storage")
