// Test and train loss of random features under gradient flow, from the equations of dynamical mean-field theory, in doubles.
//
// lambda_k = k^-b, task power k^-a, k = 1, 2, ...; N features, P samples, either may be infinite; no label noise.
// With kappa the scale (p = kappa R3 R1), s_i = sum k^-.. /((kappa + lambda)(kappa' + lambda)) over pairs of nodes, the two-time
// correlations are closed forms: test = bias + data + features + interaction, the bias from one variable only, as a sum of
// squares over the modes; train has the same with R1 R1' in front.
// Modes respond as e^(-lambda t) and what finite sizes add to it, which keeps the digits of a small bias.
// A value whose error estimate, ROUNDOFF times the sizes of its terms, exceeds TOLERANCE of it is NaN.
// Not covered: label noise, finitely many modes, discrete steps, momentum, train losses that have decayed exponentially.

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

// sum task f(lambda)^2, f(lambda) = Re sum_i factor_i / (kappa_i + lambda), and an estimate of its error.
function sumSquares(nodes, factor, modes) {
  return addSquares(modes, lambda => {
    let f = 0, size = 0;
    nodes.forEach(({ w }, i) => {
      const a = w[0] + lambda, c = 1 / (a * a + w[1] * w[1]), term = (factor[i][0] * a + factor[i][1] * w[1]) * c;
      f += term;
      size += cAbs(factor[i]) * Math.sqrt(c);
    });
    return [f, size];
  });
}

// The same for the response itself, which is e^(-lambda t) and what finite sizes add: that part is formed without a difference.
function sumResponses(nodes, factor, { modes, N, P }, t) {
  const added = nodes.map(({ D }, i) => cMul(factor[i], cMul(D, cSub([1 / N + 1 / P, 0], cScale(1 / N / P, D)))));
  const finite = Math.min(N, P) < Infinity;
  return addSquares(modes, lambda => {
    let f = Math.exp(-lambda * t), size = f;
    if (finite) nodes.forEach(({ w, p }, i) => {
      const term = cScale(lambda, cDiv(added[i], cMul([w[0] + lambda, w[1]], [p[0] + lambda, p[1]])));
      f += term[0];
      size += cAbs(term);
    });
    return [f, size];
  });
}

function addSquares({ lambda, weights: [, task] }, respond) {
  let total = 0, error = 0;
  for (let n = 0; n < lambda.length; n++) {
    const [f, size] = respond(lambda[n]), noise = ROUNDOFF * size;
    total += task[n] * f * f;
    error += Math.abs(task[n]) * noise * (2 * Math.abs(f) + noise);
  }
  return { total, error };
}

// Test and train loss at time t > 0, no later than what the model was prepared for.
function meanFieldLoss(t, model) {
  const points = CONTOUR.nodes.map(({ point }) => cScale(1 / t, point));
  const nodes = model.scale.follow(CONTOUR.crossing / t, points);
  const factor = nodes.map(({ w }, i) => cScale(1 / t, cMul(CONTOUR.nodes[i].weight, cDiv(w, points[i]))));
  const factors = [factor, factor.map((x, i) => cMul(x, nodes[i].other))];
  const test = sumResponses(nodes, factor, model, t);
  const squares = [test, model.P === Infinity ? test : sumSquares(nodes, factors[1], model.modes)];
  const finite = Math.min(model.N, model.P) < Infinity;
  const { value, size } = finite ? sumVariances(nodes, factors, model) : { value: [0, 0], size: [0, 0] };
  const settle = i => {
    const total = squares[i].total + value[i], error = squares[i].error + ROUNDOFF * size[i];
    return error <= TOLERANCE * total ? total : NaN;
  };
  return { test: settle(0), train: settle(1) };
}
