// Test and train loss of random features under gradient flow, from the equations of dynamical mean-field theory, in doubles.
//
// lambda_k = k^-b, task power k^-a, k = 1, 2, ...; N features, P samples, either may be infinite; no label noise.
// With kappa the scale (p = kappa R3 R1), s_i = sum k^-.. /((kappa + lambda)(kappa' + lambda)) over pairs of nodes, the two-time
// correlations are closed forms: test = bias + data + features + interaction, the bias from one variable only, as a sum of
// squares over the modes; train has the same with R1 R1' in front.
// A value whose error estimate, ROUNDOFF times the sizes of its terms, exceeds TOLERANCE of it is NaN.
// Not covered: label noise, finitely many modes, discrete steps, momentum, train losses that have decayed exponentially.

const MEAN_FIELD_PIECES = ["test", "train"];

function prepareMeanField(a, b, N, P, latest) {
  const smallest = 0.05 * Math.max(1 / latest, Math.min(N, P) === Infinity ? 0 : (Math.min(N, P) + 1) ** -b);
  const modes = new Modes(b, [b, a], Infinity, Math.min(smallest, 0.1));
  return { a, b, N, P, modes, scale: new Scale(modes, N, P) };
}

// The four sums over pairs: weights capacity, capacity lambda, task, task lambda, each over (kappa + lambda)(kappa' + lambda).
function sumPairs([x, y], [u, v], { lambda, weights: [capacity, task] }) {
  const sums = new Float64Array(8);
  for (let n = 0; n < lambda.length; n++) {
    const l = lambda[n], a = x + l, b = u + l, c = 1 / ((a * a + y * y) * (b * b + v * v));
    const re = (a * b - y * v) * c, im = -(a * v + y * b) * c, m = capacity[n], k = task[n];
    sums[0] += m * re; sums[1] += m * im; sums[2] += m * l * re; sums[3] += m * l * im;
    sums[4] += k * re; sums[5] += k * im; sums[6] += k * l * re; sums[7] += k * l * im;
  }
  return [0, 2, 4, 6].map(i => [sums[i], sums[i + 1]]);
}

// data + features + interaction at a pair of nodes, without the factor kappa kappa'/(p p').
function variance(first, second, { N, P, modes }) {
  const [s1, s2, sw, tw] = sumPairs(first.w, second.w, modes), n = 1 / N, p = 1 / P;
  const q = cScale(p, s2), f = cAdd(first.other, cScale(p, cMul(second.w, s1))), u = cAdd(first.one, cScale(n, cMul(second.w, s1)));
  const e = cScale(n * p, cMul(cMul(first.w, s1), cMul(second.w, s1)));
  const mixed = cAdd(cScale(n, cMul(first.w, first.other)), cScale(p, cMul(second.w, second.one)));
  const determinant = cAdd(cMul(first.other, second.one), cMul(s1, mixed)), teacher = cScale(n, cMul(s1, tw));
  const data = cDiv(cMul(sw, q), f), features = cDiv(teacher, u);
  const both = cDiv(cAdd(cDiv(cMul(sw, e), f), cDiv(cMul(teacher, cAdd(cMul(u, q), e)), u)), determinant);
  return cAdd(data, cAdd(features, both));
}

// Twice over the contour, for test and train: values and the sizes of their terms.
function sumVariances(nodes, factors, model) {
  const value = [0, 0], size = [0, 0];
  nodes.forEach((first, i) => nodes.slice(i).forEach((second, k) => {
    const weight = k ? 2 : 1, mirrored = { w: cConj(second.w), one: cConj(second.one), other: cConj(second.other) };
    const [plain, turned] = [variance(first, second, model), variance(first, mirrored, model)];
    factors.forEach((factor, which) => {
      const left = factor[i], right = factor[i + k];
      value[which] += weight * (cMul(plain, cMul(left, right))[0] + cMul(turned, cMul(left, cConj(right)))[0]) / 2;
      size[which] += weight * (cAbs(plain) + cAbs(turned)) * cAbs(left) * cAbs(right) / 2;
    });
  }));
  return { value, size };
}

// sum task f(lambda)^2, f(lambda) = Re sum_i factor_i / (kappa_i + lambda).
function sumSquares(nodes, factor, { lambda, weights: [, task] }) {
  let total = 0;
  for (let n = 0; n < lambda.length; n++) {
    let f = 0;
    nodes.forEach(({ w }, i) => {
      const a = w[0] + lambda[n];
      f += (factor[i][0] * a + factor[i][1] * w[1]) / (a * a + w[1] * w[1]);
    });
    total += task[n] * f * f;
  }
  return total;
}

// Test and train loss at time t > 0, no later than what the model was prepared for.
function meanFieldLoss(t, model) {
  const points = CONTOUR.nodes.map(({ point }) => cScale(1 / t, point));
  const nodes = model.scale.follow(CONTOUR.crossing / t, points);
  const factor = nodes.map(({ w }, i) => cScale(1 / t, cMul(CONTOUR.nodes[i].weight, cDiv(w, points[i]))));
  const factors = [factor, factor.map((x, i) => cMul(x, nodes[i].other))];
  const squares = factors.map(one => sumSquares(nodes, one, model.modes));
  const finite = Math.min(model.N, model.P) < Infinity;
  const { value, size } = finite ? sumVariances(nodes, factors, model) : { value: [0, 0], size: [0, 0] };
  const [test, train] = squares.map((square, i) => {
    const total = square + value[i], error = ROUNDOFF * (size[i] + 40 * square) + 1e-14 * ROUNDOFF;
    return error <= TOLERANCE * total ? total : NaN;
  });
  return { test, train };
}
