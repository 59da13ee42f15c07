"""The vendored scripts of `static/vendor`: made anew from npm packages, or checked against their checksums.

    python tools/vendor.py                     checks every file against the SHA256SUMS beside it
    python tools/vendor.py --refresh           packs each with `npm pack` and takes the listed files
    python tools/vendor.py --refresh --from D  takes NAME-VERSION.tgz from the folder D instead

Nobody edits those files: a new version is a new entry in `PACKAGES` and a new folder.
"""

import argparse
import hashlib
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[1] / "static" / "vendor"
SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    files: tuple[str, ...]

    @property
    def label(self) -> str:
        return f"{self.name}-{self.version}"


PACKAGES = (
    # The licence asks a page that shows charts for its attribution; the token page's footer gives it.
    Package(
        "lightweight-charts",
        "5.2.1",
        ("LICENSE", "dist/lightweight-charts.standalone.production.mjs"),
    ),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--refresh", action="store_true", help="make the files anew")
    parser.add_argument("--from", dest="folder", type=Path, help="folder that holds the npm tarballs")
    chosen = parser.parse_args()
    if chosen.refresh:
        for package in PACKAGES:
            refresh(package, chosen.folder)
    faults = [fault for package in PACKAGES for fault in faults_of(package)]
    print("\n".join(faults) or f"{len(PACKAGES)} vendored package(s) as recorded.")  # noqa: T201  # its purpose
    return 1 if faults else 0


def refresh(package: Package, folder: Path | None) -> None:
    home = VENDOR / package.label
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        tarball = folder / f"{package.label}.tgz" if folder else packed(package, Path(scratch))
        for name, content in contents(tarball, package).items():
            (home / name).write_bytes(content)
    lines = [f"{digest(home / name)}  {name}\n" for name in sorted(shipped(package))]
    (home / SUMS).write_text("".join(lines))


def packed(package: Package, scratch: Path) -> Path:
    """The registry is whichever npm is configured for."""
    wanted = f"{package.name}@{package.version}"
    subprocess.run(["npm", "pack", wanted, "--pack-destination", str(scratch)], check=True)  # noqa: S603, S607
    return next(scratch.glob("*.tgz"))


def contents(tarball: Path, package: Package) -> dict[str, bytes]:
    with tarfile.open(tarball) as archive:
        members = {name: archive.extractfile(f"package/{name}") for name in package.files}
        return {Path(name).name: member.read() for name, member in members.items() if member is not None}


def faults_of(package: Package) -> list[str]:
    """What differs from the checksums; nothing if all is well."""
    home = VENDOR / package.label
    if not (home / SUMS).is_file():
        return [f"{package.label}: no {SUMS}; run tools/vendor.py --refresh."]
    recorded = dict(reversed(line.split(maxsplit=1)) for line in (home / SUMS).read_text().splitlines())
    present = {path.name for path in home.iterdir()} - {SUMS}
    names = set(recorded) | present | shipped(package)
    return [
        f"{package.label}/{name}: not as recorded"
        for name in sorted(names)
        if name not in present or digest(home / name) != recorded.get(name)
    ]


def shipped(package: Package) -> set[str]:
    return {Path(name).name for name in package.files}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
