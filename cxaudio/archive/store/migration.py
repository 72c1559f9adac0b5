"""Bring the parts of a store that an older version wrote up to the columns of this one.

Each part is replaced as compacting does it, so a kill at any moment leaves a whole store, and the next opening goes on.
Rows keep their names, since what they were measured from does not change.
"""

from cxaudio.archive.columns import STORE_SCHEMA
from cxaudio.archive.store.layout import Layout
from cxaudio.archive.store.ledger import Ledger
from cxaudio.archive.store.replacing import replace_parts

__all__ = ["migrate"]


def migrate(ledger: Ledger, layout: Layout) -> None:
    """Rewrite all parts whose columns are of an older version; nothing to do in a store of this version.

    Raises
    ------
    StoreError
        If a part is damaged, or the disk refuses; what was migrated before stays so.
    """
    with ledger.database.reading() as rows:
        query = "SELECT id FROM parts WHERE placed AND schema < ? ORDER BY id"
        older = [number for (number,) in rows.execute(query, (STORE_SCHEMA,))]
    for number in older:
        replace_parts(ledger, layout, [number])  # False: another process did it
