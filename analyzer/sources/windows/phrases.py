"""Words of Windows and .NET for errors that have a number, in the languages of the systems that one meets.

The text of an exception is translated, its number rarely printed. Each phrase stands for one number: of Winsock
(`socket`), of Win32 (`win32`), an HRESULT of cryptography or of TLS. A phrase is the shortest part that no other shares.
"""

from __future__ import annotations

NO_PERMISSION, NETWORK, HOST, TIMED_OUT, REFUSED, RESET, ABORTED, NO_BUFFERS, NO_SUCH_HOST = 10013, 10051, 10065, 10060, 10061, 10054, 10053, 10055, 11001
NO_SPACE, IN_USE, NO_MEMORY, NO_COMMIT, VIRUS, BLOCKED, MISSING = 112, 32, 8, 1455, 225, 1260, 2
NO_KEYSET, WRONG_RECIPIENT, BAD_PROVIDER, BAD_KEY_STATE, BAD_DATA = 0x80090016, 0x8009100E, 0x80090014, 0x8009000B, 0x80090005
NO_CHANNEL, UNTRUSTED, NO_COMMON_ALGORITHM = 0x80090326, 0x80090325, 0x80090331

PHRASES: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("socket", NO_PERMISSION, (
        "forbidden by its access permissions", "Zugriffsberechtigungen des Sockets unzulässig", "interdite par ses autorisations d", "permisos de acceso a un socket",
        "prohibida por los permisos", "vietato dalle relative autorizzazioni", "non consentito dalle autorizzazioni", "proibida pelas permissões", "proibido pelas permissões",
        "访问权限不允许的方式", "存取權限", "アクセス許可で禁じられた", "액세스 권한에 의해 숨겨진", "запрещенным правами доступа")),
    ("socket", NETWORK, (
        "unreachable network", "nicht verfügbares Netzwerk", "nicht erreichbares Netzwerk", "réseau impossible à atteindre", "red no accesible", "red inaccesible", "rete non raggiungibile",
        "rede inacessível", "rede inalcançável", "无法连接的网络", "無法連線的網路", "到達できないネットワーク", "到達不能なネットワーク", "연결할 수 없는 네트워크", "недоступной сети",
        "Network is unreachable")),
    ("socket", HOST, (
        "unreachable host", "nicht verfügbaren Host", "nicht erreichbaren Host", "hôte impossible à atteindre", "host no accesible", "host inaccesible", "host non raggiungibile",
        "host inacessível", "host inalcançável", "无法连接的主机", "無法連線的主機", "到達できないホスト", "到達不能なホスト", "연결할 수 없는 호스트", "недоступного хоста", "No route to host")),
    ("socket", TIMED_OUT, (
        "did not properly respond after a period", "connected host has failed to respond", "nicht richtig reagiert", "der verbundene Host nicht reagiert", "pas répondu convenablement",
        "hôte de connexion n", "no respondió adecuadamente", "no respondió correctamente", "host conectado no ha podido responder", "non ha risposto correttamente", "host collegato non ha risposto",
        "não respondeu corretamente", "host conectado não respondeu", "没有正确答复", "没有反应", "未正確回應", "無法回應", "正しく応答しなかった", "ホストが応答しなかった", "제대로 응답하지",
        "응답이 없어 연결하지", "не получен нужный отклик", "operation has timed out", "operation timed out", "request timed out", "Timeout für Vorgang", "Timeout für den Vorgang",
        "Zeitüberschreitung", "délai d'attente de l'opération", "opération a expiré", "tiempo de espera de la operación", "Timeout dell", "tempo limite da operação", "O tempo limite",
        "操作超时", "操作已超时", "作業逾時", "作業已經逾時", "操作がタイムアウト", "操作はタイムアウト", "시간 초과", "시간을 초과", "Время ожидания операции", "The request was canceled due to the configured HttpClient.Timeout")),
    ("socket", REFUSED, (
        "actively refused", "Verbindung verweigerte", "aktiv verweigert", "expressément refusée", "expressément refusé", "denegó expresamente", "denegó activamente", "rifiuto persistente",
        "rifiutata persistentemente", "recusou ativamente", "积极拒绝", "目標電腦拒絕", "電腦拒絕連線", "によって拒否された", "연결을 거부", "отверг запрос", "Connection refused")),
    ("socket", RESET, (
        "forcibly closed by the remote host", "vom Remotehost geschlossen", "fermée par l'hôte distant", "fermée par l\u2019hôte distant", "forzado la interrupción de una conexión",
        "interrupción forzada", "cerrada a la fuerza", "interrotta forzatamente", "cancelamento de uma conexão existente", "强迫关闭", "強制關閉", "強制的に切断", "강제로 끊", "강제로 닫",
        "принудительно разорвал", "Connection reset by peer", "connection was closed: An unexpected error occurred on a", "connection was closed: The connection was closed unexpectedly",
        "Unerwarteter Fehler bei Senden", "基础连接已经关闭: 发送时发生错误", "基础连接已经关闭: 接收时发生错误")),
    ("socket", ABORTED, ("aborted by the software in your host", "Software auf dem Hostcomputer abgebrochen", "logiciel de votre ordinateur hôte", "软件中止了一个已建立", "ソフトウェアによって中止")),
    ("socket", NO_BUFFERS, ("lacked sufficient buffer space", "Pufferspeicher nicht ausreichend", "缓冲区空间不足", "バッファ領域が不足")),
    ("socket", NO_SUCH_HOST, (
        "remote name could not be resolved", "No such host is known", "server name or address could not be resolved", "Remotename konnte nicht aufgelöst", "Host ist unbekannt",
        "solcher Host bekannt", "Servername oder die Serveradresse konnte nicht", "nom distant n'a pas pu", "nom distant n\u2019a pas pu", "Hôte inconnu", "hôte de ce type n",
        "resolver el nombre remoto", "Host desconocido", "No se conoce", "risolvere il nome remoto", "Host sconosciuto", "nome remoto não pôde", "Este host não é conhecido", "无法解析此远程名称",
        "未能解析此远程名称", "不知道这样的主机", "無法解析遠端名稱", "無法識別這台主機", "リモート名を解決できません", "そのようなホストは不明", "원격 이름을 확인할 수 없", "알려진 호스트가 없",
        "разрешить удаленное имя", "Этот хост неизвестен", "DNS name does not exist", "name resolution failure", "NameResolutionFailure", "EAI_AGAIN", "requested name is valid, but no data")),
    ("tls", UNTRUSTED, (
        "Could not establish trust relationship", "remote certificate is invalid", "Vertrauensstellung für den sicheren SSL/TLS", "Remotezertifikat ist", "relation de confiance pour le canal sécurisé",
        "certificat distant n", "relación de confianza para el canal seguro", "certificado remoto no es válido", "relazione di trust per il canale sicuro", "relação de confiança para o canal",
        "建立信任关系", "远程证书无效", "建立信任關係", "遠端憑證", "信頼関係を確立できません", "リモート証明書", "트러스트 관계를", "원격 인증서", "доверительные отношения для защищенного",
        "certificate chain was issued by an authority that is not trusted", "PartialChain", "UntrustedRoot", "RemoteCertificateNameMismatch", "RemoteCertificateChainErrors")),
    ("tls", NO_CHANNEL, (
        "Could not create SSL/TLS secure channel", "SSL/TLS-Kanal konnte nicht", "geschützter SSL/TLS-Kanal", "canal sécurisé SSL/TLS", "canal seguro SSL/TLS", "canale sicuro SSL/TLS",
        "未能创建 SSL/TLS", "无法创建 SSL/TLS", "無法建立 SSL/TLS", "SSL/TLS のセキュリティで保護されているチャネル", "SSL/TLS 보안 채널", "защищенный канал SSL/TLS",
        "secure channel support", "SSL connection could not be established", "handshake failed", "A call to SSPI failed", "closed the transport stream", "message received was unexpected or badly formatted",
        "secure network communication channel")),
    ("tls", NO_COMMON_ALGORITHM, (
        "do not possess a common algorithm", "keinen gemeinsamen Algorithmus", "ne possèdent pas un algorithme commun", "no tienen un algoritmo", "没有一个通用算法", "沒有共用的演算法", "共通のアルゴリズム")),
    ("win32", NO_SPACE, (
        "not enough space on the disk", "nicht genug Speicherplatz", "nicht genügend Speicherplatz", "Espace insuffisant sur le disque", "espace disque insuffisant", "Espacio en disco insuficiente",
        "Espacio insuficiente en el disco", "Espacio en el disco insuficiente", "Spazio su disco insufficiente", "Spazio insufficiente sul disco", "Espaço insuficiente no disco",
        "espaço suficiente no disco", "espaço em disco suficiente", "磁盘空间不足", "磁碟空間不足", "ディスクに十分な空き領域がありません", "ディスクの空き領域が不足", "디스크 공간이 부족",
        "디스크에 공간이 부족", "Недостаточно места на диске", "disk is full", "No space left on device", "insufficient disk space", "Insufficient disk space", "The disk is full")),
    ("win32", IN_USE, (
        "being used by another process", "von einem anderen Prozess verwendet", "utilisé par un autre processus", "usado por otro proceso", "utilizado por otro proceso", "utilizando en otro proceso",
        "utilizzato da un altro processo", "usado por outro processo", "utilizado por outro processo", "正由另一进程使用", "另一个程序正在使用此文件", "其他處理序使用", "別のプロセスで使用", "다른 프로세스에서 사용",
        "используется другим процессом")),
    ("win32", NO_MEMORY, (
        "OutOfMemoryException", "Not enough storage is available", "Not enough memory resources", "Insufficient memory", "Nicht genügend Speicher", "Mémoire insuffisante",
        "Almacenamiento insuficiente", "存储空间不足，无法", "内存资源不足", "メモリ不足", "メモリ リソースが不足", "Nicht genügend Arbeitsspeicher")),
    ("win32", NO_COMMIT, ("paging file is too small", "Auslagerungsdatei ist zu klein", "fichier de pagination est insuffisant", "archivo de paginación es demasiado", "页面文件太小", "ページング ファイルが小さすぎる",
                          "Insufficient system resources exist", "Nicht genügend Systemressourcen", "系统资源不足", "システム リソースが不足")),
    ("win32", VIRUS, ("contains a virus or potentially unwanted software", "contains a virus", "enthält einen Virus", "contient un virus", "contiene un virus", "包含病毒", "ウイルスまたは")),
    ("win32", BLOCKED, (
        "blocked by group policy", "blocked by your administrator", "durch eine Gruppenrichtlinie geblockt", "bloqué par une stratégie de groupe", "bloqueado por una directiva de grupo", "组策略阻止", "群組原則封鎖",
        "グループ ポリシーによってブロック", "Device Guard", "Application Control policy", "prevented by a software restriction policy", "Softwareeinschränkungsrichtlinie")),
    ("crypto", NO_KEYSET, (
        "Keyset does not exist", "Schlüsselsatz nicht vorhanden", "Schlüsselsatz ist nicht vorhanden", "jeu de clés n", "Jeu de clés introuvable", "conjunto de claves no existe", "El conjunto de claves",
        "Il set di chiavi", "conjunto de chaves não existe", "密钥集不存在", "金鑰組不存在", "キーセットがありません", "キー セットが存在しません", "키 집합이 없", "Набор ключей не существует")),
    ("crypto", WRONG_RECIPIENT, (
        "does not contain the specified recipient", "enthält nicht den angegebenen Empfänger", "Empfänger nicht", "ne contient pas le destinataire", "no contiene el destinatario", "不包含指定的收件人", "不包含指定的收件者",
        "指定された受信者")),
    ("crypto", BAD_PROVIDER, ("Invalid provider type specified", "Ungültiger Anbietertyp", "type de fournisseur spécifié", "tipo de proveedor especificado", "无效的提供程序类型", "指定的提供者類型", "プロバイダーの種類")),
    ("crypto", BAD_KEY_STATE, ("Key not valid for use in specified state", "Schlüssel im angegebenen Status nicht gültig", "Clé non valide pour l", "Clave no válida para", "该项不适于在指定状态下使用", "指定された状態で使用するには無効")),
    ("crypto", BAD_DATA, ("CryptographicException: Bad Data", "Ungültige Daten", "Données incorrectes", "Datos incorrectos", "不正确的数据", "不正なデータ")),
)
