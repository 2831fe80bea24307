"""Texts of translated Windows are read as what they are, whatever code page wrote them."""

from __future__ import annotations

import pytest

from analyzer.scan.codepages import code_page
from analyzer.scan.lines import as_utf8

TEXTS = [
    ("cp1252", "Le service RdAgent n\u2019a pas pu démarrer : Le chemin d\u2019accès spécifié est introuvable."),
    ("cp850", "État : [1] Stable\nDernière erreur : Aucune erreur\nNom du rédacteur : 'System Writer'"),
    ("cp850", "Estado: [1] Estable\nÚltimo error: sin errores\nno se pudo iniciar la operación"),
    ("cp1252", "serviço não pôde iniciar a operação"),
    ("cp852", "Usługa nie została uruchomiona: błąd krytyczny, proszę spróbować później"),
    ("cp1250", "Usługa nie została uruchomiona: błąd krytyczny, proszę spróbować później"),
    ("gb18030", "错误\t2020/1/10 0:55:20\tsrv\t2013\t无\tC: 磁盘已满或接近满。"),
    ("gb18030", "编写器名称: 'System Writer'\n状态: [1] 稳定\n上次错误: 无错误"),
    ("cp932", "ライター名: 'System Writer'\n状態: [1] 安定\n最後のエラー: エラーなし"),
    ("big5", "寫入器名稱: 'System Writer'\n狀態: [1] 穩定\n上次錯誤: 沒有錯誤"),
    ("cp949", "기록기 이름: 'System Writer'\n상태: [1] 안정\n마지막 오류: 오류 없음"),
    ("cp866", "Имя модуля записи: \"System Writer\"\nСостояние: [1] Стабильный\nПоследняя ошибка: Нет ошибок"),
    ("cp1251", "Служба не запущена. Ошибка диска"),
]


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_a_text_in_a_code_page_is_decoded_by_it(encoding: str, text: str) -> None:
    assert b"".join(as_utf8(iter([text.encode(encoding)]))).decode() == text


def test_utf8_with_a_few_damaged_bytes_stays_utf8() -> None:
    assert code_page("Démarré à Zürich, größer".encode() + b"\xff\xfe") is None


def test_binary_noise_is_no_code_page() -> None:
    assert code_page(bytes(range(256)) * 4) is None


def test_plain_ascii_needs_no_code_page() -> None:
    assert code_page(b"[00000004] 2026-03-02T08:00:00Z [INFO]  fine\n") is None
