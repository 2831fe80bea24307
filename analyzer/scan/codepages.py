"""The code page of a text without a mark that is no UTF-8: what consoles and editors of translated Windows write.

Each candidate decodes the head; the one whose letters stand as letters of a language do wins. A wrong code page shows as
capital letters or signs inside words, as single ideographs among Latin letters, or as bytes that mean nothing.
"""

from __future__ import annotations

import re

HEAD = 1 << 16
_CANDIDATES = ("cp1252", "cp850", "gb18030", "cp932", "big5", "cp949", "cp1251", "cp866", "cp1250", "cp852", "cp1254", "cp857")
# Characters that are common in what Windows writes: other code pages make rare ones of the same bytes.
_COMMON = {
    "gb18030": frozenset("的一是在不了有和人这中大为上个到说时要就出会可也你对生能下自之年过发后作里用所方多经法如都同现当没动起看定分还进小部其些"
                         "主样理本前开但因只从想事意无与长把机服务错误警告磁盘卷影复停止禁远程连接失败启系统硬件备份写入器状态稳响应超已被信息源驱"
                         "找取版径权限拒绝地址网络名称证书"),
    "cp932": frozenset("のにはをがでとしてたれいるさなかこもらんアイエオカクケコサシステムラー情報警告失敗接続停止開始実行中無効ドブャュウビボリ"
                       "最後日時名前状態安定"),
    "big5": frozenset("的一是在不了有和人這中大為上個到說們時要就出會可也服務錯誤警告磁碟區陰影複製停止啟動遠端連線失敗無法系統狀態穩定回應逾寫"
                      "入器資訊已嘗試作業"),
    "cp949": frozenset("이다의에는을를가은하고서비스오류경정보시작중지볼륨섀도복사없습니했상태안마막디크연결실패원격기록"),
}
_CYRILLIC = ("cp1251", "cp866")
_FULL_WIDTH = frozenset("\uff0c\u3002\uff1a\uff1b\uff08\uff09\u201c\u201d\u2018\u2019\u3001\u300c\u300d\uff01\uff1f\u3010\u3011")
_SIGNS = frozenset("\u2018\u2019\u201c\u201d\u201e\u2013\u2014\u2026«»°€№\xa0·")


def code_page(head: bytes) -> str | None:
    """The encoding of a text that begins with `head`; None if it is UTF-8, be it with some damage.

    >>> code_page("Le service n\u2019a pas pu démarrer".encode("cp1252")), code_page("démarrer".encode())
    ('cp1252', None)
    """
    head = head[:HEAD]
    if head.isascii() or b"\0" in head or not _is_no_utf8(head):
        return None
    pieces = [piece for piece in re.split(rb"[\r\n]+", head) if not piece.isascii()][:200]
    scores = {name: sum(_score(piece[:2000].decode(name, "replace"), name) for piece in pieces) for name in _CANDIDATES}
    best = max(_CANDIDATES, key=lambda name: scores[name])
    return best if scores[best] > 0 else None


def _is_no_utf8(head: bytes) -> bool:
    """Whether most of what is not ASCII makes no UTF-8: single wrong bytes are damage, not another encoding."""
    text = head.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(1 for char in text if char > "\x7f" and char != "\ufffd")
    return wrong > right


def _score(text: str, name: str) -> float:
    common = _COMMON.get(name)
    score = 0.0
    padded = f" {text} "
    for before, char, after in zip(padded, padded[1:], padded[2:], strict=False):
        if char <= "\x7f":
            continue
        if char == "\ufffd":
            score -= 3
        elif common is not None:
            score += _ideographic(before, char, after) + (1.5 if char in common else 0.0)
        else:
            score += _cyrillic(before, char, after) if name in _CYRILLIC else _latin(before, char, after)
    return score


def _latin(before: str, char: str, after: str) -> float:
    """A letter with a mark among plain letters; not a capital inside a word, not a sign."""
    if not char.isalpha():
        return 0.4 if char in _SIGNS else -1.0
    if char.isupper() and (before.islower() or (after.islower() and before.isalpha())):
        return -1.5
    if (before > "\x7f" and before.isalpha() and after > "\x7f" and after.isalpha()) or char in "ªºƒ":
        return -0.5
    return 1.0 if before.isalpha() or after.isalpha() else 0.1


def _cyrillic(before: str, char: str, after: str) -> float:
    """A Cyrillic letter beside others, in words whose case does not change inside."""
    if not "\u0400" <= char <= "\u045f":
        return 0.2 if char in _SIGNS else -1.0
    if char.isupper() and before.islower():
        return -1.5
    if (before.isascii() and before.isalpha()) or (after.isascii() and after.isalpha()):
        return -1.5
    return 1.2 if "\u0400" <= before <= "\u045f" or "\u0400" <= after <= "\u045f" else -0.5


def _ideographic(before: str, char: str, after: str) -> float:
    """Ideographs, kana and syllables stand among their like; half-width kana and private signs do not occur."""
    if "\uff61" <= char <= "\uff9f" or "\ue000" <= char <= "\uf8ff":
        return -1.5
    if not (char.isalpha() and char > "\u2fff"):
        return 0.3 if char in _FULL_WIDTH else -1.0
    if not (before.isascii() and after.isascii()):
        return 1.0
    return -2.5 if before.isalpha() or after.isalpha() else 0.3
