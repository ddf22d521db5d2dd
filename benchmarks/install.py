"""Measure what installing metier costs: the wheel, the base install, and the time of `import metier`.

Run as `python benchmarks/install.py`; prints one JSON object. Needs a package index.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PIP_ITSELF = ("pip", "setuptools", "pkg_resources", "_distutils_hack")


def main() -> None:
    """Install into a fresh environment and print what it weighs."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run(sys.executable, "-m", "venv", folder / "venv")
        python = folder / "venv" / "bin" / "python"
        run(python, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT)
        (wheel,) = folder.glob("metier-*.whl")
        run(python, "-m", "pip", "install", "-q", wheel, "-c", ROOT / "constraints.txt")
        (site,) = (folder / "venv" / "lib").glob("python3*/site-packages")
        installed = sum(path.stat().st_size for path in site.rglob("*") if path.is_file() and counts(path, site))
        run(python, "-c", "import metier")
        began = time.perf_counter()
        run(python, "-c", "pass")
        bare = time.perf_counter() - began
        began = time.perf_counter()
        run(python, "-c", "import metier")
        imported = time.perf_counter() - began - bare
        print(
            json.dumps(
                {
                    "wheel_mb": round(wheel.stat().st_size / 1e6, 1),
                    "base_install_mb": round(installed / 1e6, 1),
                    "import_s": round(max(imported, 0.0), 3),
                }
            )
        )


def counts(path: Path, site: Path) -> bool:
    """Leave out what every environment has."""
    return not path.relative_to(site).parts[0].startswith(PIP_ITSELF)


def run(*command: object) -> None:
    """Run a command that must succeed."""
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    main()
