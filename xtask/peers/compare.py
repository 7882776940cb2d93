#!/usr/bin/env python3
"""Run asepsis beside other matchers on one SBOM and one base, and print who found what, how fast.

Everything is made from a seed: a CycloneDX 1.5 SBOM whose components are drawn from the packages
that the base names (versions as listed, at the bounds of the ranges, and made-up neighbours), and
the base in each program's own form. Three peers are known:

  trivy         Python packages. Its bbolt file is written here from OSV records of PyPI, by the
                rules by which its makers turn OSV into version constraints.
  vdb           Python packages: appthreat-vulnerability-db, what dep-scan matches with. Its SQLite
                files are filled by its own functions; its search over a CycloneDX file is called
                in a process of its own. The peer's program is the Python that has it.
  cve-bin-tool  CPE names. Its SQLite file is filled from NVD records by its own functions, so this
                script has to run under an interpreter that can import cve_bin_tool.

Needs PyYAML and packaging. No program is allowed to update its base; nothing is downloaded.

  compare.py --asepsis BIN --work DIR trivy --peer TRIVY --base OSV_FOLDER
  compare.py --asepsis BIN --work DIR vdb --peer PYTHON --base OSV_FOLDER
  compare.py --asepsis BIN --work DIR cve-bin-tool --peer CVE_BIN_TOOL --base NVD_FILE...

A pair is a component and a vulnerability under its CVE number (its own id where it has none).
"""
import argparse
import functools
import gzip
import json
import lzma
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import urllib.parse
import uuid
from collections import defaultdict
from pathlib import Path

PAGE = 4096  # bytes of a bbolt page


class Bolt:
    """Writes one bbolt file: nested dicts are buckets, bytes are values."""

    BRANCH, LEAF, META, FREE = 1, 2, 4, 16

    def __init__(self):
        self.pages = [b"", b"", struct.pack("<QHHI", 2, self.FREE, 0, 0)]

    def write(self, path, tree):
        """Write the file; of its two meta pages the second, with the later transaction, counts."""
        root = self._tree(self._items(tree))
        end = len(self.pages)
        for number in (0, 1):
            meta = struct.pack("<4I5Q", 0xED0CDAED, 2, PAGE, 0, root, 0, 2, end, number)
            head = struct.pack("<QHHI", number, self.META, 0, 0)
            self.pages[number] = head + meta + struct.pack("<Q", fnv64a(meta))
        path.write_bytes(b"".join(page.ljust(PAGE, b"\0") for page in self.pages))

    def _items(self, tree):
        for name in sorted(tree, key=str.encode):
            value = tree[name]
            if isinstance(value, dict):
                yield name.encode(), self._bucket(value), 1
            else:
                yield name.encode(), value, 0

    def _bucket(self, tree):
        items = list(self._items(tree))
        inline = self._page(0, self.LEAF, items)
        if len(inline) <= PAGE // 4 and not any(flag for _, _, flag in items):
            return struct.pack("<QQ", 0, 0) + inline
        return struct.pack("<QQ", self._tree(items), 0)

    def _tree(self, items, kind=LEAF):
        """Lay sorted items into pages, level above level, and give the number of the root page."""
        items, level, start, size = list(items), [], 0, 16
        for at, (key, value, _) in enumerate(items):
            need = 16 + len(key) + (len(value) if kind == self.LEAF else 0)
            if at - start >= 2 and size + need > PAGE:
                level.append((items[start][0], self._put(kind, items[start:at]), 0))
                start, size = at, 16
            size += need
        first = items[start][0] if items else b""
        level.append((first, self._put(kind, items[start:]), 0))
        return level[0][1] if len(level) == 1 else self._tree(level, self.BRANCH)

    def _put(self, kind, items):
        number = len(self.pages)
        data = self._page(number, kind, items)
        self.pages += [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
        return number

    def _page(self, number, kind, items):
        heads, body, place = b"", bytearray(), 16 * len(items)
        for at, (key, value, flag) in enumerate(items):
            here = place - 16 * at + len(body)
            if kind == self.LEAF:
                heads += struct.pack("<4I", flag, here, len(key), len(value))
                body += key + value
            else:
                heads += struct.pack("<IIQ", here, len(key), value)
                body += key
        more = (15 + place + len(body)) // PAGE if number else 0
        return struct.pack("<QHHI", number, kind, len(items), more) + heads + bytes(body)


def fnv64a(data):
    """The 64-bit FNV-1a hash."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return value


def osv_records(folder):
    """Every OSV record of PyPI below a folder, JSON or YAML, that was not withdrawn."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix not in (".json", ".yaml", ".yml"):
            continue
        text = path.read_text(encoding="utf-8")
        record = json.loads(text) if path.suffix == ".json" else yaml.load(text, loader)
        packages = [a.get("package", {}) for a in record.get("affected", [])]
        if not record.get("withdrawn") and any(p.get("ecosystem") == "PyPI" for p in packages):
            yield record


def nvd_records(files):
    """Every NVD record in the shape of the API 2.0, one a line, packed or not."""
    for name in files:
        opener = {".xz": lzma.open, ".gz": gzip.open}.get(Path(name).suffix, open)
        with opener(name, "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                yield record.get("cve", record)


def names_of(record):
    """The ids under which a vulnerability counts: its CVE numbers, or its own id."""
    ids = [record["id"], *record.get("aliases", [])]
    return sorted({i for i in ids if i.startswith("CVE-")}) or [record["id"]]


def pep503(name):
    return re.sub("[-_.]+", "-", name).lower()


@functools.lru_cache(maxsize=None)
def parse(version):
    from packaging.version import InvalidVersion, Version

    try:
        return Version(version)
    except InvalidVersion:
        return None


def spans(affected):
    """The ranges of an OSV `affected` as [from, to, whether `to` is in it]."""
    found = []
    for span in affected.get("ranges", []):
        if span["type"] == "GIT":
            continue
        for event in span["events"]:
            if "introduced" in event:
                found.append([str(event["introduced"]), None, False])
            elif found and "fixed" in event:
                found[-1][1:] = [str(event["fixed"]), False]
            elif found and "last_affected" in event:
                found[-1][1:] = [str(event["last_affected"]), True]
    return found


def within(version, span):
    """Whether a parsed version lies in a span; None where a bound can't be read."""
    bottom, top, closed = span
    low, high = parse(bottom), top and parse(top)
    if low is None or (top and high is None):
        return None
    above = bottom == "0" or version >= low  # "0" stands before every version
    return above and (not top or version < high or (closed and version == high))


def by_the_specification(records, components):
    """Pairs by the evaluation algorithm of the OSV schema, versions ordered by `packaging`."""
    known = defaultdict(list)
    for record in records:
        for affected in record.get("affected", []):
            if affected.get("package", {}).get("ecosystem") == "PyPI":
                listed = {str(v) for v in affected.get("versions", [])}
                ranges = spans(affected)
                same = {parse(v) for v in listed} - {None}
                known[pep503(affected["package"]["name"])].append((record, listed, same, ranges))
    pairs = set()
    for ref, part in components.items():
        version = parse(part["version"])
        for record, listed, same, ranges in known[pep503(part["name"])]:
            hit = part["version"] in listed or version in same
            if hit or (version and any(within(version, span) for span in ranges)):
                pairs |= {(ref, name) for name in names_of(record)}
    return pairs


def near(draw, version):
    """A made-up neighbour of a version: a later part, a pre-release, a local build."""
    last = re.search(r"\d+(?=\D*$)", version)
    raised = f"{int(last[0]) + 1}" if last else "1"
    bumped = version[: last.start()] + raised + version[last.end() :] if last else version + ".1"
    made = [bumped, version + ".post1", version + "rc1", version + ".dev1", version + ".1",
            version + "+local.1"]
    return draw.choice([v for v in made if parse(v)] if parse(version) else made)


def spelled(draw, name):
    """A name as people write it: case and the separators that a registry takes for the same."""
    other = draw.choice([name.title(), name.replace("-", "_"), name.replace("-", "."), name])
    return other if draw.random() < 0.1 else name


def python_parts(records, count, seed):
    """Components with package URLs, drawn from the packages that the records name."""
    pool = defaultdict(set)
    for record in records:
        for affected in record["affected"]:
            if affected.get("package", {}).get("ecosystem") == "PyPI":
                bounds = {bound for span in spans(affected) for bound in span[:2]} - {None, "0"}
                listed = map(str, affected.get("versions", []))
                pool[affected["package"]["name"]].update(listed, bounds)
    pool = {name: sorted(versions) for name, versions in sorted(pool.items()) if versions}

    def make(draw):
        name = draw.choice(list(pool))
        version = draw.choice(pool[name])
        version = near(draw, version) if draw.random() < 0.25 else version
        name = spelled(draw, name)
        plain = urllib.parse.quote(name.lower().replace("_", "-"), safe=".-")
        return {"name": name, "version": version,
                "purl": f"pkg:pypi/{plain}@{urllib.parse.quote(version, safe='.-')}"}

    return draw_parts(make, count, seed)


def cpe_parts(records, count, seed):
    """Components with CPE names, drawn from the applications that the records name."""
    pool = defaultdict(set)
    for record in records:
        for match in matches(record):
            part, vendor, product, version = split_cpe(match["criteria"])[2:6]
            if part == "a":
                bounds = [v for k, v in match.items() if k.startswith("version")]
                plain = version not in "*-"
                told = bounds + [version] * plain
                pool[vendor, product].update(v.replace("\\", "") for v in told if v not in "*-")
    pool = {key: sorted(versions) for key, versions in sorted(pool.items()) if versions}

    def make(draw):
        vendor, product = draw.choice(list(pool))
        version = draw.choice(pool[vendor, product])
        if draw.random() < 0.25:
            beside = near(draw, version).split("+")[0]
            version = draw.choice([version + ".1", version + "a", beside])
        quoted = re.sub(r"([^\w.\-])", r"\\\1", version)
        return {"name": product.replace("\\", ""), "version": version, "group": vendor,
                "cpe": f"cpe:2.3:a:{vendor}:{product}:{quoted}" + ":*" * 7}

    return draw_parts(make, count, seed)


def split_cpe(name):
    return re.split(r"(?<!\\):", name)


def matches(record):
    for configuration in record.get("configurations", []):
        for node in configuration.get("nodes", []):
            yield from node.get("cpeMatch", [])


def draw_parts(make, count, seed):
    draw, parts, seen = random.Random(seed), {}, set()
    for _ in range(200 * count):
        part = make(draw)
        told = f"{part['name']} {part['version']}"
        if told not in seen:
            seen.add(told)
            parts[f"c{len(parts)}"] = part
        if len(parts) == count:
            break
    return parts


def write_sbom(path, parts, seed):
    components = [{"type": "library", "bom-ref": ref, **part} for ref, part in parts.items()]
    about = {"type": "application", "bom-ref": "root", "name": "Compare", "version": "1.0",
             "supplier": {"name": "Peer"}}
    number = uuid.UUID(int=random.Random(seed).getrandbits(128), version=4)
    path.write_text(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
                                "serialNumber": f"urn:uuid:{number}",
                                "metadata": {"component": about}, "components": components}))


def trivy_base(records, folder):
    """Write the base of trivy, schema 2: pip::SOURCE / package / CVE, and the texts of each CVE."""
    source = "Open Source Vulnerability"
    packages, texts = defaultdict(dict), {}
    for record in records:
        ids = names_of(record)
        for name in ids:
            texts[name] = json.dumps({"Title": record.get("summary", ""), "Severity": "UNKNOWN",
                                      "Description": record.get("details", "")}).encode()
        vendor = sorted({record["id"], *record.get("aliases", [])} - set(ids))
        for affected in record["affected"]:
            if affected.get("package", {}).get("ecosystem") != "PyPI":
                continue
            key = affected["package"]["name"].lower().replace("_", "-")
            for name in ids:
                kept = packages[key].setdefault(name, {
                    "VendorIDs": vendor, "VulnerableVersions": [], "PatchedVersions": []})
                for field, values in constraints(affected).items():
                    kept[field] += [v for v in values if v not in kept[field]]
    tree = {f"pip::{source}": {key: {name: json.dumps(told).encode() for name, told in each.items()}
                               for key, each in packages.items()},
            "data-source": {f"pip::{source}": json.dumps({"ID": "osv", "Name": source}).encode()},
            "vulnerability": texts}
    (folder / "db").mkdir(parents=True)
    Bolt().write(folder / "db" / "trivy.db", tree)
    (folder / "db" / "metadata.json").write_text(json.dumps(
        {"Version": 2, "NextUpdate": "2999-01-01T00:00:00Z", "UpdatedAt": "2020-01-01T00:00:00Z",
         "DownloadedAt": "2020-01-01T00:00:00Z"}))


def constraints(affected):
    """What trivy keeps of an OSV `affected`. Listed versions that PEP 440 can't read are left out,
    since one of them makes trivy drop the whole advisory."""
    ranges = spans(affected)
    wanted = []
    for low, high, closed in ranges:
        top = f"{'<=' if closed else '<'}{high}" if high else ""
        wanted.append(f">={low}" if not top else top if low == "0" else f">={low}, {top}")
    for listed in map(str, affected.get("versions", [])):
        version = parse(listed)
        if version and not any(within(version, span) for span in ranges):
            wanted.append(f"={listed}")
    return {"VulnerableVersions": wanted,
            "PatchedVersions": [high for _, high, closed in ranges if high and not closed]}


def cve_bin_tool_base(records, home, index):
    """Fill the base of cve-bin-tool by its own functions, from NVD records as they are; those
    without a score, at which 3.4 stops, get one of nought."""
    os.environ["HOME"] = str(home)
    from cve_bin_tool.cvedb import CVEDB
    from cve_bin_tool.data_sources.nvd_source import NVD_Source

    nought = {"cvssMetricV31": [{"cvssData": {"baseScore": 0.0, "baseSeverity": "NONE"}}]}
    scored = [{"cve": {**r, "metrics": r.get("metrics") or nought}} for r in records]
    base = CVEDB(sources=[NVD_Source()], version_check=False)
    base.cachedir.mkdir(parents=True)
    base.init_database()
    base.data = [(NVD_Source().format_data_api2(scored), "NVD")]
    base.populate_db()
    if index:
        cursor = base.db_open_and_get_cursor()
        cursor.execute("CREATE INDEX looked_up ON cve_range (product, vendor, version)")
        base.db_close()


VDB_FILL = """
import json, sys
from vdb.lib import db
from vdb.lib.osv import OSVSource
db.get()
source = OSVSource()
for line in open(sys.argv[1]):
    source.store(source.convert(json.loads(line)))
print(db.stats())
db.optimize_and_close_all()
"""
VDB_SEARCH = """
import json, sys
from vdb.lib import search
components = json.load(open(sys.argv[1]))["components"]
found = zip(components, search.search_by_cdx_bom(sys.argv[1]))
pairs = [[c["bom-ref"], hit["cve_id"]] for c, hits in found for hit in hits]
json.dump(pairs, open(sys.argv[2], "w"))
"""


def vdb_base(records, work, python):
    """Fill the base of vdb by its own functions, without its floor of years, and without the names
    of GitHub's advisories: it leaves out Python's records that have one, as GitHub tells the same.
    """
    lines = work / "osv.jsonl"
    with lines.open("w") as out:
        for record in records:
            others = [i for i in record.get("aliases", []) if not i.startswith("GHSA-")]
            out.write(json.dumps({**record, "aliases": others}, default=str) + "\n")
    subprocess.run([python, "-c", VDB_FILL, lines], check=True, env=vdb_environment(work))


def vdb_environment(work):
    return {**os.environ, "VDB_HOME": str(work / "home"), "NVD_START_YEAR": "1980"}


# A small process of its own: what a process inherits from a large parent counts in its peak.
MEASURE = """
import json, os, subprocess, sys, time
start = time.monotonic()
with open(sys.argv[1], "wb") as log:
    child = subprocess.Popen(sys.argv[2:], stdout=log, stderr=log)
_, status, used = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps([time.monotonic() - start, used.ru_utime + used.ru_stime,
                  used.ru_maxrss / 1024, child.returncode]))
"""


def measured(command, log, **settings):
    """Run a program to its end: seconds on the clock, of the processor, peak megabytes, status."""
    command = [sys.executable, "-S", "-c", MEASURE, log, *command]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, **settings).stdout
    return json.loads(told)


def our_pairs(path, parts):
    """Our pairs by verdict."""
    told = {f"{part['name']} {part['version']}": ref for ref, part in parts.items()}
    pairs = defaultdict(set)
    for release in json.loads(path.read_text())["releases"]:
        for finding in release["findings"]:
            ref = told.get(finding["subject"])
            if ref is None:
                sys.exit(f"a finding about {finding['subject']!r}, which is no component")
            pairs[finding["verdict"]].add((ref, finding["vulnerability"]))
    return pairs


def trivy_pairs(path, _parts):
    results = json.loads(path.read_text()).get("Results", [])
    return {(v["PkgIdentifier"]["BOMRef"], v["VulnerabilityID"])
            for result in results for v in result.get("Vulnerabilities", [])}


def vdb_pairs(path, _parts):
    return {tuple(pair) for pair in json.loads(path.read_text())}


def cve_bin_tool_pairs(path, parts):
    known = {}
    for ref, part in parts.items():
        known[part["name"].lower(), part["version"]] = ref
    return {(known[row["product"], row["version"]], row["cve_number"])
            for row in json.loads(path.read_text()) if (row["product"], row["version"]) in known}


PAIRS = {"trivy": trivy_pairs, "vdb": vdb_pairs, "cve-bin-tool": cve_bin_tool_pairs}


def median(rows):
    """The median of each column."""
    return [sorted(column)[len(rows) // 2] for column in zip(*rows)]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--asepsis", required=True, type=Path, help="our program")
    parser.add_argument("--work", required=True, type=Path, help="a folder to make")
    parser.add_argument("--components", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--index", action="store_true",
                        help="an index in the base of cve-bin-tool for what it looks up")
    parser.add_argument("kind", choices=list(PAIRS))
    parser.add_argument("--peer", required=True, type=Path, help="the peer's program")
    parser.add_argument("--base", required=True, nargs="+", help="a folder of OSV, or NVD files")
    return parser.parse_args()


def prepare(args):
    """Make the SBOM and both bases; give the components, the peer's command and the truth."""
    work = args.work.resolve()
    if work.exists():
        sys.exit(f"{work} is there already; name a folder that is not")
    (work / "ours").mkdir(parents=True)
    (work / "home").mkdir()
    (work / "ours" / "inventory.csv").write_text(
        "asset id,manufacturer,model,software version\n1,Peer,Compare,1.0\n")
    sbom, found, truth = work / "ours" / "sbom.cdx.json", work / "peer.json", None
    if args.kind != "cve-bin-tool":
        records = list(osv_records(args.base[0]))
        parts = python_parts(records, args.components, args.seed)
        shutil.copytree(args.base[0], work / "ours" / "base")
        truth = by_the_specification(records, parts)
    if args.kind == "vdb":
        vdb_base(records, work, args.peer)
        command = ["-c", VDB_SEARCH, sbom, found]
    elif args.kind == "trivy":
        trivy_base(records, work / "cache")
        command = ["sbom", "--cache-dir", work / "cache", "--skip-db-update", "--offline-scan",
                   "--skip-java-db-update", "--scanners", "vuln", "--format", "json", "--quiet",
                   "--output", found, sbom]
    else:
        records = list(nvd_records(args.base))
        parts = cpe_parts(records, args.components, args.seed)
        for name in args.base:
            shutil.copy(name, work / "ours")
        cve_bin_tool_base(records, work / "home", args.index)
        command = ["--offline", "--disable-version-check", "--sbom", "cyclonedx", "--sbom-file",
                   sbom, "--format", "json", "--output-file", found, "--log", "critical"]
    write_sbom(sbom, parts, args.seed)
    return parts, [args.peer.absolute(), *command], found, truth


def main():
    args = arguments()
    parts, command, found, truth = prepare(args)
    work = args.work.resolve()
    ours = work / "ours.json"
    runs = {"asepsis": [], args.kind: []}
    for _ in range(args.runs):
        found.unlink(missing_ok=True)
        runs["asepsis"].append(measured(
            [args.asepsis.resolve(), "assess", work / "ours", "--quiet", "--json", ours],
            work / "ours.log"))
        runs[args.kind].append(measured(command, work / "peer.log", cwd=work,
                                        env={**vdb_environment(work), "HOME": str(work / "home")}))
    verdicts = our_pairs(ours, parts)
    mine, theirs = verdicts["affected"], PAIRS[args.kind](found, parts)
    print(f"{len(parts)} components, seed {args.seed}, medians of {args.runs} runs\n")
    print("| program | s | processor s | peak MB | pairs | exit |\n|---|---|---|---|---|---|")
    for name, pairs in (("asepsis", mine), (args.kind, theirs)):
        wall, cpu, peak, code = median(runs[name])
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {len(pairs)} | {code} |")
    undecided = verdicts["undecided"] - mine
    print(f"\nboth {len(mine & theirs)}, only asepsis {len(mine - theirs)}, "
          f"only {args.kind} {len(theirs - mine)}, of which asepsis says undecided "
          f"{len((theirs - mine) & undecided)}; undecided in all {len(undecided)}")
    if truth is not None:
        for name, pairs in (("asepsis", mine), (args.kind, theirs)):
            print(f"{name} against the OSV specification: {len(pairs - truth)} too many, "
                  f"{len(truth - pairs)} missing of {len(truth)}")
    rows = [{"who": who, "component": parts[ref], "vulnerability": name,
             "undecided": (ref, name) in undecided,
             "specification": None if truth is None else (ref, name) in truth}
            for who, pairs in (("only asepsis", mine - theirs), ("only peer", theirs - mine),
                               ("only specification", (truth or set()) - mine - theirs))
            for ref, name in sorted(pairs)]
    (work / "differences.json").write_text(json.dumps(rows, indent=1))
    print(f"differences: {work / 'differences.json'}")


if __name__ == "__main__":
    main()
