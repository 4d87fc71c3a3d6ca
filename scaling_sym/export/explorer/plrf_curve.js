// The loss of power-law random features under one-pass SGD, from the equations of the deterministic equivalent, in doubles.
//
// lambda_j = j^-a, a = 2 alpha, task power j^(-2 alpha - 2 beta), d features, v modes: infinitely many where a > 1, else 4 d.
// With u = -z and w the scale, A = sum task/(w + lambda), eps = N/d, the transforms of forcing function and kernel are
// S_F = A + eps A w/u and S_K = Tr D - u N. Continuous time: u = p/(2 gamma B). Discrete: 1 = e^-p p(x) has two roots, -u and -u+.
// loss = F/(1 - K) in transforms, inverted on a contour, in up to three forms: as it stands, and less what is analytic at p = 0
// (for S_K split as c + rest, c = 0 or Tr D), which contributes nothing but hides the loss at late times. Of the forms the one
// with the least error estimate is taken; a value whose estimate exceeds TOLERANCE of it is NaN.
// Steps below FIRST (discrete) are coefficients of the generating function, by a circle.
// Not covered: other v, d below 16, times at which doubles do not suffice.

const FIRST = 64, CIRCLE = 128, TOLERANCE = 1e-7, ROUNDOFF = 4e-15, DISC_DECAY = 64;

// What does not depend on d, where v is infinite; gamma is `share` of its limit (continuous: 2 / Tr D).
class PlrfFamily {
  constructor({ alpha, beta, share, B, discrete }, largest) {
    Object.assign(this, { alpha, beta, share, B, discrete, largest, known: new Map() });
    this.a = 2 * alpha;
    this.order = Math.min(Math.max(0, Math.ceil((2 * beta - 1) / this.a - 0.04)), 24);
  }

  modes(d) {
    const v = this.a > 1 ? Infinity : 4 * d, size = v < Infinity ? d : this.largest;
    if (!this.known.has(v)) {
      const { a, order, B } = this, task = 2 * this.beta;
      const modes = new Modes(a, [a, a + task, a + task - order * a, 2 * a], v, 0.02 * (v < Infinity ? v : size) ** -a);
      const coefficients = Array.from({ length: order }, (_, k) => (k % 2 ? -1 : 1) * modes.total(task - k * a));
      const degrees = y => Math.log(-modes.resolve(0, [-1 - Math.exp(y), 0])[0][0]) - Math.log(B + 1);
      const limit = 1 + Math.exp(findRoot(degrees, -34, Math.log(modes.total(a) + 1) + 3));
      this.known.set(v, { v, modes, coefficients, trace: modes.total(a), limit });
    }
    return this.known.get(v);
  }

  // Everything that does not depend on time.
  model(d) {
    const { a, share, B, order, discrete } = this, found = this.modes(d);
    const model = { ...found, a, B, order, discrete, d, scale: new Scale(found.modes, d, Infinity) };
    const floor = [model.scale.floor, 0];
    model.F_0 = model.scale.floor * found.modes.resolve(1, floor)[0][0];
    if (!discrete) return { ...model, gamma: Number((share * 2 / found.trace).toPrecision(12)), radii: [Infinity, Infinity] };
    const edge = findEdge(model), here = found.limit > edge.x ? 2 / (B + 1) / found.limit / (1 + (B + 1) / d) : 2 / (B + 1) / edge.top;
    model.gamma = Number((share * 2 / (B + 1) / found.limit < here ? share * 2 / (B + 1) / found.limit : share * here).toPrecision(12));
    model.radii = findRadii(model, edge.top);
    return model;
  }
}

// The top of the spectrum: the least image x (1 + n(x)/d), n = sum 1/(x j^a - 1), over x > 1, by golden section.
function findEdge({ modes, d }) {
  const image = y => { const x = 1 + Math.exp(y); return x * (1 - modes.resolve(0, [-x, 0])[0][0] / d); };
  const y = findLeast(image, -34, 5);
  return { x: 1 + Math.exp(y), top: image(y) };
}

// The place of the least value of a function with one minimum, by golden section.
function findLeast(f, low, high, width = 1e-7) {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let x = high - ratio * (high - low), y = low + ratio * (high - low), left = f(x), right = f(y);
  while (high - low > width) {
    if (left < right) { [high, y, right] = [y, x, left]; x = high - ratio * (high - low); left = f(x); }
    else { [low, x, left] = [x, y, right]; y = low + ratio * (high - low); right = f(y); }
  }
  return (low + high) / 2;
}

// u and u+ at p, with e^p / sqrt D and sqrt D, D = 1 + (B+1)/B (e^p - 1); in continuous time D = 1 and there is no u+.
function findRoots(p, { gamma, B, discrete }) {
  if (!discrete) return { u: cScale(1 / (2 * gamma * B), p), root: ONE, front: ONE };
  const rise = cExpm1(p), root = cSqrt(cAdd(ONE, cScale((B + 1) / B, rise))), sum = cAdd(ONE, root);
  return {
    u: cDiv(rise, cScale(gamma * B, sum)), above: cScale(-1 / gamma / (B + 1), sum), root, front: cDiv(cAdd(ONE, rise), root),
  };
}

// A, eps A w/u, T = sum lambda^2/(w + lambda), u N and w N at a node of the scale.
function evaluateSpectral({ w, D: N, one }, { modes, d }) {
  const A = modes.resolve(1, w)[0], u = cMul(w, one);
  return { A, rest: cDiv(cScale(1 / d, cMul(N, A)), one), T: modes.resolve(3, w)[0], uN: cMul(u, N), wN: cMul(w, N) };
}

// The values at u+, above the spectrum, where w is near u+.
function evaluateAbove(above, model) {
  const node = model.scale.refine(above, above);
  return evaluateSpectral(node, model);
}

// S_F less its polynomial in u, and that polynomial: w^k - u^k is formed without a difference.
function splitSpectral(u, { w, D: N }, { modes, coefficients, order, d }) {
  const gap = cScale(1 / d, cMul(w, N));
  let singular = ZERO, size = 0, smooth = ZERO, smoothSize = 0, power = ONE, difference = ZERO, last = ONE;
  coefficients.forEach((c, k) => {
    smooth = cAdd(smooth, cScale(c, power));
    singular = cAdd(singular, cScale(c, difference));
    smoothSize += (k + 1) * Math.abs(c) * cAbs(power);
    size += (k + 1) * Math.abs(c) * cAbs(difference);
    difference = cAdd(cMul(w, difference), cMul(gap, power));
    power = cMul(power, u);
    last = cScale(-1, cMul(last, w));
  });
  last = cMul(last, modes.resolve(2, w)[0]);
  return { singular: cAdd(singular, last), size: size + (order + 1) * cAbs(last), smooth, smoothSize };
}

// The forms of each transform at a node, as [value, size of its terms].
function transform(node, roots, model) {
  const { gamma, B, trace } = model, { u, root, front } = roots, half = cDiv([gamma / 2, 0], root);
  const here = evaluateSpectral(node, model), split = splitSpectral(u, node, model);
  const plus = roots.above ? evaluateAbove(roots.above, model) : { A: ZERO, rest: ZERO, T: ZERO, uN: [trace, 0] };
  const scale = cScale(gamma * gamma * B, front), times = (factor, x, size) => [cMul(factor, x), cAbs(factor) * size];
  const pair = (factor, x, y, singular, size) => [times(factor, cSub(x, y), cAbs(x) + cAbs(y)), times(factor, singular, size)];
  const forcing = cMul(front, cSub(cAdd(here.A, here.rest), cAdd(plus.A, plus.rest)));
  const size = cAbs(front) * (cAbs(here.A) + cAbs(here.rest) + cAbs(plus.A) + cAbs(plus.rest));
  const whole = cSub(ONE, cMul(half, cSub(plus.uN, here.uN)));
  const condition = (1 + cAbs(half) * (cAbs(plus.uN) + cAbs(here.uN))) / cAbs(whole) ** 2;
  const singular = cMul(front, cAdd(split.singular, here.rest)), singularSize = cAbs(front) * (split.size + cAbs(here.rest));
  const smooth = cMul(front, cSub(split.smooth, cAdd(plus.A, plus.rest)));
  const smoothSize = cAbs(front) * (split.smoothSize + cAbs(plus.A) + cAbs(plus.rest));
  const removed = [0, trace].map(c => {
    const y = cMul(half, cSub(here.uN, [trace - c, 0])), q = cSub(ONE, cMul(half, cSub(plus.uN, [trace - c, 0])));
    const value = cDiv(cSub(singular, cDiv(cMul(smooth, y), q)), whole);
    return [value, (singularSize + smoothSize * cAbs(y) / cAbs(q) * (1 + 1 / cAbs(q))) * condition];
  });
  return {
    loss: [[cDiv(forcing, whole), size * condition], ...removed],
    F_pp: pair(front, here.A, plus.A, split.singular, split.size), F_ac: pair(front, here.rest, plus.rest, here.rest, cAbs(here.rest)),
    K_pp: pair(scale, here.T, plus.T, cScale(-1, here.wN), cAbs(here.wN)),
  };
}

// How far from p = 0 what is removed is analytic, for c = 0 and c = Tr D: up to the nearest singularity at u+, and to the
// nearest zero of q, which the turns of q around a circle count.
function findRadii(model, top) {
  const { gamma, B, trace } = model;
  let nearest = Math.log(B + 1);
  if (top * gamma * (B + 1) > 1) nearest = Math.min(nearest, -Math.log(1 - 2 * gamma * B * top + gamma * gamma * B * (B + 1) * top * top));
  const radii = [0, 0];
  for (let radius = 0.9 * nearest, i = 0; i < 9 && !radii.every(x => x); i++, radius /= 2) {
    const turns = [0, 0], before = [0, 0];
    for (let k = 0; k <= 24; k++) {
      const { above, root } = findRoots(cScale(radius, cExp([0, Math.PI * (k + 0.02) / 24.04])), model);
      const { uN } = evaluateAbove(above, model);
      [0, trace].forEach((c, which) => {
        const q = cSub(ONE, cMul(cDiv([gamma / 2, 0], root), cSub(uN, [trace - c, 0]))), angle = Math.atan2(q[1], q[0]);
        const turn = k ? angle - before[which] : 0;
        turns[which] += turn - 2 * Math.PI * Math.round(turn / 2 / Math.PI);
        before[which] = angle;
      });
    }
    turns.forEach((turn, which) => { if (Math.abs(turn) < 0.5 && !radii[which]) radii[which] = radius; });
  }
  return radii;
}

// The values of all transforms, given at nodes with their weights; F_pp, F_ac and K_pp lose nothing by an atom.
function sumForms(nodes, valid, floor) {
  const answer = { F_0: floor };
  for (const name of ["loss", "F_pp", "F_ac", "K_pp"]) {
    const shift = name === "F_ac" ? floor : 0, forms = nodes[0].found[name].map((_, form) => {
      let value = -shift, error = ROUNDOFF * shift;
      for (const { weight, found } of nodes) {
        value += cMul(weight, found[name][form][0])[0];
        error += cAbs(weight) * found[name][form][1] * ROUNDOFF;
      }
      return { value, error: valid(name)[form] ? error : Infinity };
    });
    const best = forms.reduce((x, y) => y.error < x.error ? y : x);
    answer[name] = best.error <= TOLERANCE * Math.abs(best.value) ? best.value : NaN;
  }
  return answer;
}

// The loss and its pieces at time t > 0 (whole, where time is discrete).
function plrfLoss(t, model) {
  if (model.discrete && t < FIRST) return countedLoss(t, model);
  const theta = 2 * model.gamma * model.B * t, reach = model.radii.map(radius => t * radius > DISC_DECAY), either = reach[0] || reach[1];
  const roots = CONTOUR.nodes.map(({ point }) => findRoots(cScale(1 / t, point), model));
  const start = findRoots([CONTOUR.crossing / t, 0], model).u[0];
  const nodes = model.scale.follow(start, roots.map(({ u }) => u)).map((node, i) =>
    ({ weight: cScale(1 / theta, CONTOUR.nodes[i].weight), found: transform(node, roots[i], model) }));
  return sumForms(nodes, name => name === "loss" ? [true, ...reach] : [true, either], model.F_0);
}

// A coefficient of the generating function: sum_r e^-pr loss(r) at p = radius - i angle, times e^pr.
function countedLoss(r, model) {
  const radius = 30 / (2 * CIRCLE), { gamma, B } = model;
  model.circle ||= (() => {
    const points = Array.from({ length: CIRCLE }, (_, i) => [radius, Math.PI * (i + 0.5) / CIRCLE]);
    const roots = points.map(p => findRoots(p, model));
    const start = findRoots([radius, 0], model).u[0];
    return model.scale.follow(start, roots.map(({ u }) => u)).map((node, i) => ({ p: points[i], found: transform(node, roots[i], model) }));
  })();
  const nodes = model.circle.map(({ p, found }) => ({ weight: cScale(1 / (2 * gamma * B) / CIRCLE, cExp(cScale(r, p))), found }));
  return sumForms(nodes, () => [true, false, false], model.F_0);
}
