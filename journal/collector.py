"""Let Python look for cyclic garbage seldom, in processes that keep many histories."""

import gc

# Net allocations between two looks at the young, and how many of these between two looks at the
# middle-aged and at everything. By default a process that decides 1,500 events a second spends a
# third of its time looking (170 of 520 µs an event) and stops for 100-200 ms each time it looks
# at everything. Histories are trees: what is dropped goes without being looked for.
_SELDOM = (50_000, 20, 100)


def look_seldom() -> None:
    """Never look again at what start-up made, and seldom at what comes; call once, when ready."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
