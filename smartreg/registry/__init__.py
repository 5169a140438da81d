"""The registry: an immutable snapshot of the records of one tree, with links in both directions, in memory or backed by
the index. Rows and columns for people belong to `tables/`, the meaning of records together to `domain/`.
"""

from smartreg.registry.by_name import WRITE_THE_ID, RecordsByName, Several
from smartreg.registry.frame import Frame, Indexed, is_framed, schemas_and_config, schemas_on_disk
from smartreg.registry.identity import distinguishing_fields, identifiers, is_same, keep_both, named_values
from smartreg.registry.names import odd_names
from smartreg.registry.nearby import (
    Near,
    carriers,
    nearest,
    typed_point,
    typed_point_or_none,
)
from smartreg.registry.places import (
    FOLDER,
    IMPORTS,
    MAPPING_SUFFIX,
    PROOF_FOLDER,
    ROW_KEYS_SUFFIX,
    SCHEMA_FOLDER,
    SIDES,
    WORKBOOKS,
    Locator,
    Place,
    is_import_file,
    locate,
    record_at,
    record_name,
    too_many_files,
)
from smartreg.registry.points import (
    Point,
    RecordsById,
    around,
    cell,
    cells_around,
    code_of_place,
    distance_m,
    point,
    position,
)
from smartreg.registry.registry import Registry, open_registry

__all__ = [
    "FOLDER",
    "IMPORTS",
    "MAPPING_SUFFIX",
    "PROOF_FOLDER",
    "ROW_KEYS_SUFFIX",
    "SCHEMA_FOLDER",
    "SIDES",
    "WORKBOOKS",
    "WRITE_THE_ID",
    "Frame",
    "Indexed",
    "Locator",
    "Near",
    "Place",
    "Point",
    "RecordsById",
    "RecordsByName",
    "Registry",
    "Several",
    "around",
    "carriers",
    "cell",
    "cells_around",
    "code_of_place",
    "distance_m",
    "distinguishing_fields",
    "identifiers",
    "is_framed",
    "is_import_file",
    "is_same",
    "keep_both",
    "locate",
    "named_values",
    "nearest",
    "odd_names",
    "open_registry",
    "point",
    "position",
    "record_at",
    "record_name",
    "schemas_and_config",
    "schemas_on_disk",
    "too_many_files",
    "typed_point",
    "typed_point_or_none",
]
