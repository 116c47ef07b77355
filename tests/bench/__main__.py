"""`make bench`: what publishing and learning cost, each as a ratio to something measured beside it in the same run."""

import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Measure everything in a school of its own, print a table, write `var/bench.json`."""
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder:
        os.environ.update(LECTERN_VAR=folder, DJANGO_SETTINGS_MODULE="settings.test", LOG_LEVEL="ERROR")
        # Settings read the folder from the environment, so nothing of Django may be loaded before this line.
        import django

        django.setup()
        from django.core.management import call_command

        from tests.bench import learning, publishing

        call_command("migrate", verbosity=0)
        ratios = [*publishing.measure(), *learning.measure()]
    report = ROOT / "var" / "bench.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps([ratio.as_json() for ratio in ratios], indent=2) + "\n")
    for ratio in ratios:
        print(ratio)
    print(f"Written to {report.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
