"""`import KIND FOLDER`: a folder of files with one object each, as a foreign repository keeps them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from importing import Bring, bring, montpellier, root, support

from smartreg.commands.import_ import RefusedImport
from smartreg.core.errors import UsageFault
from smartreg.importing.options import ImportRequest

__all__ = ["bring", "montpellier", "root"]  # fixtures

PLACE = "place:\n  lat: 43.61\n  lon: 3.87\n"
REQUEST = ImportRequest(
    maps=("place.lon=location.lon", "place.lat=location.lat", "commune=insee_code"),
    constants=("owner=montpellier", "type=mast", "status=in_service"),
)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def test_every_file_is_a_record_named_after_it(bring: Bring, root: Path, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "devices",
        {
            "north/mat-1.yaml": f"# a mast\n{PLACE}commune: 34172\naddress: rue Foch\n",
            "mat-2.yml": f"{PLACE}commune: Montpellier\n",
            "mat-3.json": json.dumps({"place": {"lat": 43.612, "lon": 3.871}, "commune": "34172"}),
            "README.md": "# Not a record",
            ".git/config.json": "{}",
        },
    )
    done = bring(REQUEST, folder)
    assert (done.added, done.ignored) == (3, ())
    assert support(root, "mat-1")["address"] == "rue Foch"
    assert support(root, "mat-1")["insee_code"] == support(root, "mat-2")["insee_code"] == "34172"
    assert (root / "registry/imports/devices.toml").is_file()
    assert bring(ImportRequest(), folder).unchanged == 3
    write(folder, {"mat-2.yml": f"{PLACE}commune: Montpellier\naddress: rue Y\n"})
    (folder / "mat-3.json").unlink()
    later = bring(ImportRequest(), folder)
    assert (later.changed, later.unchanged, later.missing) == (1, 1, ("mat-3",))


def test_features_of_geojson_have_their_points(bring: Bring, root: Path, tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"REF": "x"},
        "geometry": {"type": "Point", "coordinates": [3.87, 43.61]},
    }
    folder = write(
        tmp_path / "masts",
        {
            "a.geojson": json.dumps(feature),
            "b.geojson": json.dumps({"type": "FeatureCollection", "features": [feature]}),
        },
    )
    here = (*REQUEST.constants, "insee_code=34172")
    assert bring(ImportRequest(constants=here, id_from="mtp-{file}", duplicates="all"), folder).added == 2
    assert support(root, "mtp-b")["location"] == {"lon": 3.87, "lat": 43.61}


def test_files_that_hold_no_object_are_named(bring: Bring, tmp_path: Path) -> None:
    folder = write(tmp_path / "devices", {"a.json": "[1]", "b.yaml": "a: 1\na: 2\n", "c.json": "{", "d.yaml": PLACE})
    with pytest.raises(RefusedImport) as refused:
        bring(REQUEST, folder)
    found = [(one.code, one.where.file) for one in refused.value.outcome.introduced]
    assert found == [("IMP001", "devices/a.json"), ("YML002", "devices/b.yaml"), ("IMP001", "devices/c.json")]
    with pytest.raises(UsageFault, match="without any JSON, GeoJSON or YAML file"):
        bring(REQUEST, write(tmp_path / "empty", {"x.txt": ""}))
