"""The desk answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from desk import DeskClient, serving
from program import copy_example


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskClient]:
    with serving(copy_example(tmp_path_factory.mktemp("desk") / "root")) as client:
        yield client


def test_pages(client: DeskClient) -> None:
    assert client.get("/").status == 200
    assert client.get("/", lang="fr").text.count('lang="fr"') == 1
    assert client.get("/nothing").status == 404
