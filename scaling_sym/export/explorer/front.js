// The compute-optimal front: for each size the budget at which it is the best one, where the loss at fixed compute has no slope
// in the size. `lossAt(size, time)` is the loss, and compute is size times time.
// The search comes from the late end, where a larger size always wins.
// Not covered: sizes whose best time lies outside the times given; they have no point.

const FRONT_STEP = 0.02; // in the logarithm of the size, for differences
const SCAN_STEP = 1.2; // in the logarithm of the time: half a decade

// A generator, which gives way between losses; it returns the time, or null.
function* findBestTime(lossAt, size, [low, high]) {
  const [larger, smaller] = [size * Math.exp(FRONT_STEP), size * Math.exp(-FRONT_STEP)];
  const slope = x => Math.log(lossAt(larger, Math.exp(x - FRONT_STEP))) - Math.log(lossAt(smaller, Math.exp(x + FRONT_STEP)));
  const ends = [Math.log(low) + FRONT_STEP, Math.log(high) - FRONT_STEP];
  let late = ends[1];
  if (!(slope(late) < 0)) return null;
  while (late > ends[0]) {
    const x = Math.max(late - SCAN_STEP, ends[0]), here = slope(x);
    yield;
    if (here > 0) return Math.exp(findRoot(slope, x, late, 1e-6));
    if (Number.isNaN(here)) return null;
    late = x;
  }
  return null;
}

// The slope of the logarithms between the last two points.
function findSlope(points) {
  const [p, q] = points.slice(-2);
  return q ? Math.log(q[1] / p[1]) / Math.log(q[0] / p[0]) : NaN;
}
