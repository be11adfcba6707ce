"""Let Python look for cyclic garbage seldom, in processes that keep many histories."""

import gc

# Net allocations between two looks at the young, and how many of these between two looks at the
# middle-aged and at everything. The histories that a process remembers are about 300,000 objects,
# which all are looked at while they come: 50,000 at a time took 20 ms each, of an import a tenth of
# all computing and in one run half. Appending makes no cyclic garbage, and what is dropped goes
# without being looked for; so few processes ever get as far as the first look.
_SELDOM = (500_000, 5, 20)


def look_seldom() -> None:
    """Never look again at what start-up made, and seldom at what comes; call once, when ready."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
