"""The rules, one file each: what a step of that rule must satisfy."""
