"""Make the regression values anew and say which moved; without ``--write`` nothing is written.

From the top of the checkout::

    PYTHONPATH=.:tests python -m references.make [--write]
"""

import json
import sys
from pathlib import Path

from references.cases import CASES
from references.numbers import Numbers, numbers

VALUES = Path(__file__).with_name("values.json")
COMMAND = "PYTHONPATH=.:tests python -m references.make --write"


def stored() -> dict[str, Numbers]:
    """Read the values as they were last made."""
    values: dict[str, Numbers] = json.loads(VALUES.read_text(encoding="utf-8"))["values"]
    return values


def main() -> int:
    """Compare what is computed now with what is stored; write it only when asked to."""
    fresh = {name: numbers(make()) for name, make in CASES.items()}
    old = stored() if VALUES.exists() else {}
    moved = [
        f"{name}: {key}" for name in fresh for key in fresh[name] if old.get(name, {}).get(key) != fresh[name][key]
    ]
    gone = [f"{name}: {key}" for name in old for key in old[name] if key not in fresh.get(name, {})]
    print("\n".join([*(f"moved  {line}" for line in moved), *(f"gone   {line}" for line in gone)]) or "nothing moved")
    if "--write" in sys.argv[1:]:
        lines = ",\n".join(
            f"{json.dumps(name)}: {{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in case.items()) + "}"
            for name, case in fresh.items()
        )
        VALUES.write_text(f'{{"made_by": {json.dumps(COMMAND)},\n"values": {{\n{lines}}}}}\n', encoding="utf-8")
        return 0
    return int(bool(moved or gone))


if __name__ == "__main__":
    sys.exit(main())
