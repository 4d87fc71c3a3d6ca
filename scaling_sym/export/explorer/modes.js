// Sums over the modes k = 1..v of a power-law spectrum lambda_k = k^-b, as one list of nodes for all of them:
//
//     sum_k k^-s g(lambda_k)  =  sum_n weight_n g(lambda_n)      for g analytic off the negative axis, such as 1/(w + lambda).
//
// The first HEAD modes one by one; the others by Gauss-Legendre in log k from HEAD + 1/2 (to v + 1/2 where v is finite), with
// the first two end terms of the midpoint Euler-Maclaurin formula as differences of whole modes; an infinite spectrum is
// followed until lambda lies FADE powers of e below the smallest |w|, and what is left sits at lambda = 0.
// Not covered: w within 0.7 radian of the negative axis (except beyond -lambda_1, where no node is near).

const HEAD = 96, GAUSS_COUNT = 14, FADE = 25;
const END_TERMS = [[-2, -17 / 5760], [-1, 51 / 5760 + 1 / 24], [0, -51 / 5760 - 1 / 24], [1, 17 / 5760]]; // of -f'/24 - 17 f'''/5760

const cAdd = (x, y) => [x[0] + y[0], x[1] + y[1]];
const cSub = (x, y) => [x[0] - y[0], x[1] - y[1]];
const cMul = (x, y) => [x[0] * y[0] - x[1] * y[1], x[0] * y[1] + x[1] * y[0]];
const cScale = (c, x) => [c * x[0], c * x[1]];
const cAbs = x => Math.hypot(x[0], x[1]);
const cDiv = (x, y) => { const n = y[0] * y[0] + y[1] * y[1]; return [(x[0] * y[0] + x[1] * y[1]) / n, (x[1] * y[0] - x[0] * y[1]) / n]; };
const cConj = x => [x[0], -x[1]];
const cExp = x => cScale(Math.exp(x[0]), [Math.cos(x[1]), Math.sin(x[1])]);
const cSqrt = x => {
  const r = Math.sqrt((cAbs(x) + Math.abs(x[0])) / 2), q = x[1] / (2 * r);
  return x[0] >= 0 ? [r, q] : [Math.abs(q), x[1] < 0 ? -r : r];
};
// e^x - 1 without cancellation: expm1(a) cos(b) - 2 sin(b/2)^2.
const cExpm1 = x => [Math.expm1(x[0]) * Math.cos(x[1]) - 2 * Math.sin(x[1] / 2) ** 2, Math.exp(x[0]) * Math.sin(x[1])];
const ONE = [1, 0], ZERO = [0, 0];

// Nodes and weights of Gauss-Legendre on [0, 1].
function findGaussRule(count) {
  return Array.from({ length: count }, (_, i) => {
    let x = Math.cos(Math.PI * (i + 0.75) / (count + 0.5)), slope = 1;
    for (let step = 0; step < 8; step++) {
      let before = 1, value = x;
      for (let k = 2; k <= count; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      slope = count * (x * value - before) / (x * x - 1);
      x -= value / slope;
    }
    return [(1 + x) / 2, 1 / ((1 - x * x) * slope * slope)];
  });
}
const GAUSS = findGaussRule(GAUSS_COUNT);

// [k, count] for all nodes: a sum over k becomes the sum of count f(k).
function listNodes(b, v, smallest) {
  if (v <= 2 * HEAD) return Array.from({ length: v }, (_, i) => [i + 1, 1]);
  const nodes = Array.from({ length: HEAD }, (_, i) => [i + 1, 1]), start = Math.log(HEAD + 0.5);
  const stop = v < Infinity ? Math.log(v + 0.5) : Math.max((FADE - Math.log(smallest)) / b, start + FADE / b);
  const panels = Math.ceil((stop - start) * b), width = (stop - start) / panels;
  for (let i = 0; i < panels; i++) for (const [place, weight] of GAUSS) {
    const k = Math.exp(start + (i + place) * width);
    nodes.push([k, weight * width * k]);
  }
  for (const [shift, weight] of END_TERMS) {
    nodes.push([HEAD + 1 + shift, -weight]);
    if (v < Infinity) nodes.push([v + 1 + shift, weight]);
  }
  return nodes;
}

class Modes {
  // `exponents` are the s of the sums wanted, each above 1 where v is infinite; `smallest` bounds |w| from below.
  constructor(b, exponents, v, smallest) {
    this.nodes = listNodes(b, v, smallest);
    this.least = v < Infinity ? v ** -b : smallest;
    this.end = v < Infinity || v <= 2 * HEAD ? null : Math.exp(Math.max((FADE - Math.log(smallest)) / b, Math.log(HEAD + 0.5) + FADE / b));
    const size = this.nodes.length + 1;
    this.lambda = Float64Array.from({ length: size }, (_, n) => n < size - 1 ? this.nodes[n][0] ** -b : 0);
    this.weights = exponents.map(s => Float64Array.from({ length: size }, (_, n) =>
      n < size - 1 ? this.nodes[n][1] * this.nodes[n][0] ** -s : this.tail(s)));
  }

  tail(s) { return this.end ? this.end ** (1 - s) / (s - 1) : 0; }

  // sum_k k^-s.
  total(s) { return this.nodes.reduce((sum, [k, count]) => sum + count * k ** -s, this.tail(s)); }

  // sum_k k^-s / (w + lambda_k) and its derivative in w, for the exponent number `i`.
  resolve(i, w) {
    const { lambda } = this, weight = this.weights[i], [x, y] = w, yy = y * y;
    let re = 0, im = 0, slopeRe = 0, slopeIm = 0;
    for (let n = 0; n < lambda.length; n++) {
      const a = x + lambda[n], c = 1 / (a * a + yy), p = a * c, q = -y * c, m = weight[n];
      re += m * p;
      im += m * q;
      slopeRe -= m * (p * p - q * q);
      slopeIm -= m * 2 * p * q;
    }
    return [[re, im], [slopeRe, slopeIm]];
  }
}

// The x in [low, high] at which f changes its sign: Illinois' method, up to `width`.
function findRoot(f, low, high, width = 1e-15) {
  let left = f(low), right = f(high), side = 0;
  for (let i = 0; i < 200 && Math.abs(high - low) > width * Math.max(1, Math.abs(low)); i++) {
    const x = i % 8 === 7 ? (low + high) / 2 : (low * right - high * left) / (right - left), y = f(x);
    if (!y) return x;
    if ((y > 0) === (right > 0)) { [high, right] = [x, y]; if (side === 1) left /= 2; side = 1; }
    else { [low, left] = [x, y]; if (side === -1) right /= 2; side = -1; }
    if (Math.abs(y) < 1e-16) return x;
  }
  return (low + high) / 2;
}

// The scale w of a spectrum seen through N features and P samples, p = w (1 - D/N) (1 - D/P), D = sum_k lambda_k/(w + lambda_k):
// the branch with w ~ p at infinity, followed by Newton's method along nodes p from the real point `anchor` > 0.
// The exponent number 0 of `modes` must be b. At a node: w, D, and the two responses 1 - D/N and 1 - D/P.
class Scale {
  constructor(modes, N, P) {
    const d = Math.min(N, P), total = modes.weights[0].reduce((x, y) => x + y);
    Object.assign(this, { modes, N, P, total });
    const degrees = x => Math.log(modes.resolve(0, [Math.exp(x), 0])[0][0]) - Math.log(d);
    this.floor = d < Infinity ? Math.exp(findRoot(degrees, Math.log(modes.least) - 40, Math.log(2 * total / d))) : 0;
  }

  image(w) {
    const [D, slope] = this.modes.resolve(0, w);
    const one = cSub(ONE, cScale(1 / this.N, D)), other = cSub(ONE, cScale(1 / this.P, D));
    const bend = cMul(w, cMul(slope, cAdd(cScale(1 / this.N, other), cScale(1 / this.P, one))));
    return { p: cMul(w, cMul(one, other)), slope: cSub(cMul(one, other), bend), D, one, other };
  }

  follow(anchor, points) {
    if (this.N === Infinity && this.P === Infinity) return points.map(p => ({ ...this.image(p), w: p, p }));
    const aim = x => Math.log(Math.max(this.image([this.floor + Math.exp(x), 0]).p[0], 1e-320)) - Math.log(anchor);
    const real = this.floor + Math.exp(findRoot(aim, Math.log(anchor) - 40, Math.log(2 * anchor + 4 * this.total / Math.min(this.N, this.P))));
    let found = { w: [real, 0], ...this.image([real, 0]) };
    return points.map(p => (found = this.refine(p, cAdd(found.w, cDiv(cSub(p, found.p), found.slope)))));
  }

  // Newton's method from w on; the smaller of the responses is then taken from their product, which does not cancel.
  refine(p, w) {
    let found = this.image(w), change = 1;
    for (let i = 0; i < 40 && change > 1e-13; i++) {
      const step = cDiv(cSub(p, found.p), found.slope);
      w = cAdd(w, step);
      change = cAbs(step) / cAbs(w);
      found = this.image(w);
    }
    return this.settle({ ...found, w, p });
  }

  settle(node) {
    const ratio = cDiv(node.p, node.w), { N, P } = this;
    if (N < P && cAbs(node.one) < 0.5) node.one = cDiv(ratio, node.other);
    if (P < N && cAbs(node.other) < 0.5) node.other = cDiv(ratio, node.one);
    if (N === P && cAbs(node.one) < 0.5) {
      const root = cSqrt(ratio), turned = cAbs(node.one) > 1e-6 && cMul(root, cConj(node.one))[0] < 0;
      node.one = node.other = turned ? cScale(-1, root) : root;
    }
    return node;
  }
}

// A hyperbola around the negative axis (Weideman and Trefethen): f(t) = sum_i Re(weight_i F(point_i / t)) / t.
const CONTOUR = (() => {
  const angle = 0.85, growth = 1.5, decades = 36.5, mu = growth / (1 - Math.sin(angle));
  const step = 2 * Math.PI / Math.max(decades / (Math.PI / 2 - angle), (decades + mu) / angle);
  const count = Math.ceil(Math.acosh((1 + decades / mu) / Math.sin(angle)) / step);
  const nodes = Array.from({ length: count }, (_, i) => {
    const u = (i + 0.5) * step, point = [mu * (1 - Math.sin(angle) * Math.cosh(u)), mu * Math.cos(angle) * Math.sinh(u)];
    const turn = [Math.cos(angle) * Math.cosh(u), Math.sin(angle) * Math.sinh(u)];
    return { point, weight: cMul(cExp(point), cScale(step * mu / Math.PI, turn)) };
  });
  return { nodes, crossing: growth };
})();
