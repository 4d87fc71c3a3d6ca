// The loss of power-law random features in continuous time: the equations of the deterministic equivalent, in doubles.
//
// lambda_j = j^-a, a = 2 alpha, task power j^(-2 alpha - 2 beta), d features, v modes: infinitely many where a > 1, else 4 d.
// Q_s(w) = sum_{j<=v} j^-s / (1 + w j^a) by a direct head, Euler-Maclaurin, and an integral in x = log j: geometric series
// where w e^(ax) is small or large, Gauss-Legendre between. The resolvent is the root of u = w (1 - Q_0(w)/d) in the upper
// half plane, by secants. Then, with u = p / (2 gamma B), loss = F / (1 - K) in Laplace letters, inverted on a Talbot
// contour with the parts that are analytic at p = 0 removed. A value whose estimated error exceeds 1e-7 of it is NaN.
// Not covered: discrete steps, other v, d below 16, times at which doubles do not suffice.

const HEAD = 32, NODES = 24, SPLIT = 3, TERMS = 13, TOLERANCE = 1e-7, ROUNDOFF = 1e-14;
const TALBOT_ERROR = 20 * 3.89 ** -NODES; // of the contour, relative to the terms
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730];

const cAdd = (x, y) => [x[0] + y[0], x[1] + y[1]];
const cSub = (x, y) => [x[0] - y[0], x[1] - y[1]];
const cMul = (x, y) => [x[0] * y[0] - x[1] * y[1], x[0] * y[1] + x[1] * y[0]];
const cScale = (c, x) => [c * x[0], c * x[1]];
const cAbs = x => Math.hypot(x[0], x[1]);
const cDiv = (x, y) => { const n = y[0] * y[0] + y[1] * y[1]; return [(x[0] * y[0] + x[1] * y[1]) / n, (x[1] * y[0] - x[0] * y[1]) / n]; };
const ONE = [1, 0], ZERO = [0, 0];

// Nodes and weights of Gauss-Legendre on [0, 1].
const GAUSS = (count => {
  const rule = [];
  for (let i = 0; i < count; i++) {
    let x = Math.cos(Math.PI * (i + 0.75) / (count + 0.5)), slope = 1;
    for (let step = 0; step < 8; step++) {
      let before = 1, value = x;
      for (let k = 2; k <= count; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      slope = count * (x * value - before) / (x * x - 1);
      x -= value / slope;
    }
    rule.push([(1 + x) / 2, 1 / ((1 - x * x) * slope * slope)]);
  }
  return rule;
})(16);

// The integral of e^(g x) over [low, high], scaled by e^(shift); high may be infinite where g < 0.
function integrateExponential(g, low, high, shift) {
  if (high === Infinity) return -Math.exp(g * low + shift) / g;
  const width = high - low, y = g * width;
  return Math.exp(g * low + shift) * (Math.abs(y) < 1e-8 ? width : Math.expm1(y) / g);
}

function binomials(exponent, count) {
  const values = [1];
  for (let k = 1; k < count; k++) values.push(values[k - 1] * (exponent - k + 1) / k);
  return values;
}

class PowerSum {
  constructor(a, s, v) {
    Object.assign(this, { a, s, v });
    this.head = Array.from({ length: HEAD - 1 }, (_, i) => [(i + 1) ** a, (i + 1) ** -s]);
    this.above = binomials(-s, 2 * BERNOULLI.length);
    this.below = binomials(a, 2 * BERNOULLI.length);
  }

  at(w) {
    let total = ZERO;
    for (const [growth, weight] of this.head) total = cAdd(total, cDiv([weight, 0], cAdd(ONE, cScale(growth, w))));
    total = cAdd(total, this.end(w, HEAD, -1));
    if (this.v !== Infinity) total = cAdd(total, this.end(w, this.v, 1));
    return cAdd(total, this.integral(w));
  }

  // Euler-Maclaurin terms at x, from the Taylor coefficients of the summand in h, at x (1 + h).
  end(w, x, side) {
    const q = cScale(x ** this.a, w), value = cDiv([x ** -this.s, 0], cAdd(ONE, q)), t = cDiv(q, cAdd(ONE, q));
    const taylor = [];
    for (let k = 0; k < this.above.length; k++) {
      let sum = ZERO;
      for (let i = 1; i <= k; i++) sum = cAdd(sum, cScale(this.below[i], taylor[k - i]));
      taylor.push(cSub([this.above[k], 0], cMul(t, sum)));
    }
    let factor = [0.5, 0];
    BERNOULLI.forEach((b, i) => { factor = cAdd(factor, cScale(side * b / (2 * i + 2) / x ** (2 * i + 1), taylor[2 * i + 1])); });
    return cMul(value, factor);
  }

  integral(w) {
    const { a, s } = this, start = Math.log(HEAD), stop = Math.log(this.v), size = Math.log(cAbs(w));
    const clip = x => Math.min(Math.max(x, start), stop);
    const low = clip((-SPLIT - size) / a), high = clip((SPLIT - size) / a);
    let total = this.series(w, size, start, low, 1);
    const panels = Math.ceil((high - low) * a);
    for (let i = 0; i < panels; i++) for (const [node, weight] of GAUSS) {
      const x = low + (high - low) * (i + node) / panels;
      const value = cDiv([Math.exp((1 - s) * x), 0], cAdd(ONE, cScale(Math.exp(a * x), w)));
      total = cAdd(total, cScale(weight * (high - low) / panels, value));
    }
    return cAdd(total, this.series(w, size, high, stop, -1));
  }

  // The geometric series in w e^(ax) (side 1) or its inverse (side -1), integrated term by term.
  series(w, size, low, high, side) {
    let total = ZERO;
    if (!(low < high)) return total;
    const angle = Math.atan2(w[1], w[0]);
    for (let k = 0; k < TERMS; k++) {
      const power = side > 0 ? k : -k - 1;
      if (power && size === -Infinity) break;
      const sign = k % 2 ? -1 : 1;
      const term = sign * integrateExponential(1 - this.s + power * this.a, low, high, power ? power * size : 0);
      total = cAdd(total, [term * Math.cos(power * angle), term * Math.sin(power * angle)]);
    }
    return total;
  }
}

// Everything that does not depend on time; `share` is gamma over its limit 2 / Tr D.
function prepareModel(alpha, beta, d, share, B) {
  const a = 2 * alpha, task = 2 * beta, v = a > 1 ? Infinity : 4 * d;
  const order = Math.min(Math.max(0, Math.ceil((task - 1) / a - 0.04)), 24);
  const sum = s => new PowerSum(a, s, v);
  const model = { alpha, beta, d, v, B, order, degrees: sum(0), task: sum(task), rest: sum(task - order * a) };
  model.trace = sum(a).at(ZERO)[0];
  model.gamma = share * 2 / model.trace;
  model.coefficients = Array.from({ length: order }, (_, k) => (k % 2 ? -1 : 1) * sum(task - k * a).at(ZERO)[0]);
  model.floor = findFloor(model);
  model.F_0 = model.floor * model.task.at([model.floor, 0])[0];
  return model;
}

// w_0 with Q_0(w_0) = d, by bisection in its logarithm.
function findFloor({ degrees, d, alpha, v }) {
  let low = -2 * alpha * Math.log(v === Infinity ? d : v) - 40 * Math.max(1, alpha), high = 5;
  for (let i = 0; i < 70; i++) {
    const middle = (low + high) / 2;
    if (degrees.at([Math.exp(middle), 0])[0] > d) low = middle; else high = middle;
  }
  return Math.exp((low + high) / 2);
}

// The root w of u = w (1 - N(w)/d), N(w), and the relative size of the last step.
function solveScale(u, model) {
  const step = w => cAdd(u, cScale(1 / model.d, cMul(w, model.degrees.at(w))));
  let w = cAdd(u, [model.floor, 0]), image = step(w), defect = cSub(image, w), change = Infinity;
  let next = image;
  for (let i = 0; i < 60 && change > 4e-15; i++) {
    const other = step(next), otherDefect = cSub(other, next);
    const turn = cSub(otherDefect, defect);
    let best = cAbs(turn) ? cSub(next, cDiv(cMul(otherDefect, cSub(next, w)), turn)) : next;
    if (!(best[1] > 0)) best = other;
    [w, defect] = [next, otherDefect];
    change = cAbs(cSub(best, next)) / cAbs(best);
    next = best;
  }
  return { w: next, N: model.degrees.at(next), noise: ROUNDOFF + TALBOT_ERROR + change };
}

// The transforms at one node p, each in one or two forms [value, size of its terms]: as it stands, and less what is analytic
// at p = 0, which contributes nothing to the inverse but hides it at late times.
function transform(p, model) {
  const { gamma, B, d, order } = model, u = cScale(1 / (2 * gamma * B), p);
  const { w, N, noise } = solveScale(u, model);
  const eps = cScale(1 / d, N), gap = cMul(w, eps), A = model.task.at(w);
  let smooth = ZERO, points = ZERO, size = 0, smoothSize = 0, powerOfU = ONE, difference = ZERO, powerOfW = ONE;
  model.coefficients.forEach((c, k) => {
    smooth = cAdd(smooth, cScale(c, powerOfU));
    points = cAdd(points, cScale(c, difference));
    size += (k + 1) * Math.abs(c) * cAbs(difference);
    smoothSize += (k + 1) * Math.abs(c) * cAbs(powerOfU);
    difference = cAdd(cMul(w, difference), cMul(gap, powerOfU));
    powerOfU = cMul(powerOfU, u);
    powerOfW = cScale(-1, cMul(powerOfW, w));
  });
  const last = cMul(powerOfW, model.rest.at(w));
  points = cAdd(points, last);
  size += (order + 1) * cAbs(last);
  const remainder = cDiv(cMul(cMul(eps, A), w), u);
  const q = 1 - gamma / 2 * model.trace, y = cScale(gamma / 2, cMul(u, N)), whole = cAdd([q, 0], y);
  const fromMemory = cScale(1 / q, cMul(smooth, y));
  const loss = cDiv(cSub(cAdd(points, remainder), fromMemory), whole);
  const condition = (1 + cAbs(y)) / cAbs(whole) / cAbs(whole);
  const plain = [cDiv(cAdd(A, remainder), whole), (cAbs(A) + cAbs(remainder)) * condition];
  const kernel = cScale(-gamma * gamma * B, cMul(w, N));
  return {
    noise, loss: [plain, [loss, (size + cAbs(remainder) + smoothSize * cAbs(y) / q) * condition]],
    F_pp: [[A, cAbs(A)], [points, size]], F_ac: [[remainder, cAbs(remainder)]], K_pp: [[kernel, cAbs(kernel)]],
  };
}

const TALBOT = Array.from({ length: NODES / 2 }, (_, k) => {
  const angle = Math.PI * (2 * k + 1) / NODES, tangent = Math.tan(0.6407 * angle);
  const point = [NODES * (0.5017 * angle / tangent - 0.6122), NODES * 0.2645 * angle];
  const slope = [NODES * (0.5017 / tangent - 0.5017 * 0.6407 * angle * (1 + tangent ** -2)), NODES * 0.2645];
  const wave = cScale(Math.exp(point[0]), [Math.cos(point[1]), Math.sin(point[1])]);
  return { point, weight: cMul([0, -2 / NODES], cMul(wave, slope)) };
});

// The loss and its pieces at time t > 0, of two forms the one with the smaller error; what is not determined to 1e-7 is NaN.
function lossAt(t, model) {
  const theta = 2 * model.gamma * model.B * t, answer = { F_0: model.F_0 };
  const nodes = TALBOT.map(({ point, weight }) => ({ weight, found: transform(cScale(1 / t, point), model) }));
  for (const name of ["loss", "F_pp", "F_ac", "K_pp"]) {
    const shift = name === "F_ac" ? model.F_0 : 0, forms = nodes[0].found[name].map((_, form) => {
      let value = -shift, error = ROUNDOFF * shift;
      for (const { weight, found } of nodes) {
        value += cMul(weight, found[name][form][0])[0] / theta;
        error += cAbs(weight) * found[name][form][1] * found.noise / theta;
      }
      return { value, error };
    });
    const best = forms.reduce((x, y) => y.error < x.error ? y : x);
    answer[name] = best.error <= TOLERANCE * Math.abs(best.value) ? best.value : NaN;
  }
  return answer;
}
