"""Three-way merge of two versions of a record, field by field, list item by key; and settling conflicts."""

from smartreg.edit.merge.settling import Choice, Settling, can_be_valued
from smartreg.edit.merge.texts import Merge, merge_texts
from smartreg.edit.merge.three_way import Versions, merge_data

__all__ = ["Choice", "Merge", "Settling", "Versions", "can_be_valued", "merge_data", "merge_texts"]
