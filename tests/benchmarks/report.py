"""Writes docs/benchmarks.md from what was measured; parts that were not measured this time stay."""

import re
from pathlib import Path

from tests.benchmarks.measuring import Benchmark, duration

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench` (`python -m tests.benchmarks --quick` is a tenth of it and only prints; `--only
NAME` measures and replaces one part; `--full` takes 100 managers for `portfolio` instead of 20: about 25
minutes of processor time). Each table was taken in one run, so its ratios compare like with like;
seconds are its machine's. Load average is that of the last minute: above the number of cores, others were
using the machine and seconds are too long, while ratios hold roughly.
"""


def write(measured: dict[str, Benchmark], order: list[str], machine: str) -> None:
    """Replace the parts named in `measured`. Ratios are the figures that travel."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = dict(re.findall(r"<!-- (\w+) -->\n(.*?)(?=<!-- |\Z)", text, flags=re.DOTALL))
    parts |= {name: _part(benchmark, machine) for name, benchmark in measured.items()}
    body = [f"<!-- {name} -->\n{parts[name].rstrip()}\n" for name in order if name in parts]
    PAGE.write_text("\n".join([HEAD, *body]), encoding="utf-8")


def _part(benchmark: Benchmark, machine: str) -> str:
    lines = [
        f"## {benchmark.title}",
        "",
        benchmark.how,
        "",
        f"{machine}; load average {benchmark.load_before:.1f} before, {benchmark.load_after:.1f} after.",
        "",
        "| measured | time | against | its time | ratio | aim |",
        "|---|---|---|---|---|---|",
    ]
    for c in benchmark.comparisons:
        ratio = "" if c.ratio is None else f"{c.ratio:.2f}x" if c.ratio >= 0.1 else f"1/{1 / c.ratio:.0f}"
        against = "" if c.baseline_seconds is None else duration(c.baseline_seconds)
        aim = f"{c.aim}: {'met' if c.is_met else '**missed**'}" if c.aim else ""
        lines.append(f"| {c.what} | {duration(c.seconds)} | {c.baseline} | {against} | {ratio} | {aim} |")
    return "\n".join([*lines, "", *[f"- {text}" for text in benchmark.remarks]])
