"""What `flowpanel-doctor env` is timed beside: the script that people write for the same job with python-dotenv. Reads
.env files, takes keyed fingerprints of their values, and says which names are missing or differ where."""

import hashlib
import hmac
import os
import sys
from collections import defaultdict

from dotenv import dotenv_values

key = os.urandom(32)
instances = {}
for path in sys.argv[1:]:
    values = dotenv_values(path)
    instances[path] = {
        name: hmac.new(key, (value or "").encode(), hashlib.sha256).digest() for name, value in values.items()
    }

differences = 0
for name in sorted(set().union(*instances.values())):
    groups = defaultdict(list)
    for instance, fingerprints in instances.items():
        groups[fingerprints.get(name)].append(instance)
    missing = groups.pop(None, [])
    if missing:
        print(f"{name} is missing on {len(missing)}: {', '.join(missing[:8])}")
    if len(groups) > 1:
        print(f"{name} has {len(groups)} values")
    differences += bool(missing) or len(groups) > 1
sys.exit(1 if differences else 0)
