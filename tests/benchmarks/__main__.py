"""`python -m tests.benchmarks [--quick | --full] [--only NAME …]`: measures, prints, writes its page."""

import argparse
import logging
from collections.abc import Callable

from tests.benchmarks import of_dashboard, of_irr, of_loading, of_portfolio, of_refreshing, report
from tests.benchmarks.measuring import Benchmark, load_average, machine
from tests.benchmarks.portfolio_books import Size

USUAL: dict[str, Callable[[], Benchmark]] = {
    "loading": lambda: of_loading.measure(1_000_000),
    "dashboard": lambda: of_dashboard.measure(1_000),
    "refreshing": lambda: of_refreshing.measure(100),
    "irr": lambda: of_irr.measure(10_000),
    "portfolio": lambda: of_portfolio.measure(20, Size(), 1_000),
}
FULL = USUAL | {"portfolio": lambda: of_portfolio.measure(100, Size(), 1_000)}
QUICK: dict[str, Callable[[], Benchmark]] = {
    "loading": lambda: of_loading.measure(100_000),
    "dashboard": lambda: of_dashboard.measure(100),
    "refreshing": lambda: of_refreshing.measure(10),
    "irr": lambda: of_irr.measure(1_000),
    "portfolio": lambda: of_portfolio.measure(3, Size(investors=5, quarters=12), 20),
}


def main() -> int:
    """0 when every aim was met, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    extent = parser.add_mutually_exclusive_group()
    extent.add_argument("--quick", action="store_true", help="a tenth of each, printed, not written")
    extent.add_argument("--full", action="store_true", help="portfolio with 100 managers instead of 20")
    parser.add_argument("--only", nargs="+", choices=sorted(USUAL), help="some of them")
    asked = parser.parse_args()
    chosen = QUICK if asked.quick else FULL if asked.full else USUAL
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    described = machine()
    done: dict[str, Benchmark] = {}
    for name in asked.only or chosen:
        before = load_average()
        print(f"{name} (load average {before:.1f})", flush=True)
        done[name] = chosen[name]()
        done[name].load_before, done[name].load_after = before, load_average()
        if not asked.quick:
            report.write({name: done[name]}, list(USUAL), described)
    if not asked.quick:
        print(f"Written to {report.PAGE}.")
    missed = [c for benchmark in done.values() for c in benchmark.comparisons if c.is_met is False]
    print(f"{len(missed)} aims missed." if missed else "Every aim was met.")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
