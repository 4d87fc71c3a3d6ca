// The loss curves and the compute-optimal front of the point shown: what is asked for, the work in small slices, the drawing.

const FIELDS = {
  plrf: { dynamics: "discrete", d: "1000", share: "1/2", B: "1", r: "1000" },
  dmft: { N: "100", P: "1000", t: "100" },
};
const LARGEST_POWER = 1e200; // of a size to the power of the eigenvalues' decay

const range = (low, high, count) => Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
const readSize = text => /^\s*(inf|∞)\s*$/.test(text) ? Infinity : readReal(text);
const readReal = text => { const x = readNumber(text); return x ? toDouble(x) : NaN; };

// What is wrong with a field, as [name, sentence], or null. Every sentence says what is allowed.
const CHECKS = {
  plrf({ alpha, beta }, field) {
    const d = readReal(field.d), share = readReal(field.share), B = readReal(field.B), r = readReal(field.r), whole = field.dynamics === "discrete";
    if (!(alpha >= 0.05 && alpha <= 5 && beta >= 0.01 && beta <= 10)) return ["x", "Curves are drawn for α from 0.05 to 5 and β from 0.01 to 10."];
    if (!(d >= 16 && Number.isInteger(d) && d <= 1e100)) return ["d", "d must be a whole number from 16 to 1e100."];
    if (!(d ** (2 * alpha) <= LARGEST_POWER)) return ["d", "d must be so small that d^(2α) is below 1e200."];
    if (!(share > 0 && share < 1)) return ["share", "γ / limit must lie between 0 and 1."];
    if (!(B >= 1 && B <= 1e8)) return ["B", "B must lie between 1 and 1e8."];
    if (!(r > 0 && r <= 1e250 && (!whole || Number.isInteger(r)))) return ["r", `r must be ${whole ? "a whole number from 1" : "above 0 and"} up to 1e250.`];
    return null;
  },
  dmft({ a, b }, field) {
    const N = readSize(field.N), P = readSize(field.P), t = readReal(field.t);
    if (!(a >= 1.01 && b >= 1.01 && a <= 12 && b <= 12)) return ["x", "Curves are drawn for a and b from 1.01 to 12."];
    for (const [name, size] of [["N", N], ["P", P]]) if (!(size >= 2 && (size <= 1e30 || size === Infinity))) return [name, `${name} must lie between 2 and 1e30, or be inf.`];
    if (!(Math.min(N, P) === Infinity || Math.min(N, P) ** b <= 1e100)) return [N < P ? "N" : "P", "N or P must be so small that its power b is below 1e100."];
    if (!(t > 0 && t <= 1e100)) return ["t", "t must lie above 0, up to 1e100."];
    return null;
  },
};

// Drawn piece by piece: a generator that gives way after each loss, so that the page stays quick. `law` is { loss, size, log }.
const JOBS = {
  *plrf({ alpha, beta }, field, law) {
    const d = readReal(field.d), share = readReal(field.share), B = readReal(field.B), r = readReal(field.r), discrete = field.dynamics === "discrete";
    const sizes = listSizes(d, 64, size => size ** (2 * alpha) <= LARGEST_POWER && size <= 1e100);
    const family = new PlrfFamily({ alpha, beta, share, B, discrete }, 1.1 * Math.max(d, ...sizes)), model = family.model(d), { gamma } = model;
    yield;
    const here = plrfLoss(r, model), modes = model.v === Infinity ? "infinitely many" : String(model.v);
    const named = row => ({ ...row, "K_pp/γB": row.K_pp / (gamma * B) });
    showReading([["loss", here.loss], ...PLRF_PIECES.map(([key, name]) => [name, named(here)[key]])], `at r = ${field.r}`);
    showNote(`γ = ${gamma}, modes v: ${modes}. The same numbers: `, `scaling-sym curve plrf --dynamics ${field.dynamics} `
      + settings({ ...state.exact, d: field.d, gamma, B: field.B }) + ` --steps ${field.r}`);
    let times = range(discrete ? 1 : 0.1 / (gamma * B), Math.max(10 * d ** (2 * alpha) / (gamma * B), 100), 48);
    if (discrete) times = [...new Set(times.map(Math.round))];
    const rows = [];
    for (const t of times) { rows.push([t, named(plrfLoss(t, model))]); yield; }
    const pick = key => rows.map(([t, row]) => [t, row[key]]);
    $("pieces").querySelector("figcaption").textContent = "The loss and its pieces against the steps.";
    drawChart($("pieces"), [...PLRF_PIECES.map(([key, name, kind]) => ({ name, kind, points: pick(key) })), { name: "loss", kind: "loss", main: true, points: pick("loss") }],
      { across: discrete ? "steps r" : "time r", marks: [r] });
    writeTable($("pieces-table"), "The loss and its pieces", ["r", "loss", ...PLRF_PIECES.map(([, name]) => name)],
      rows.map(([t, row]) => [t, row.loss, ...PLRF_PIECES.map(([key]) => row[key])].map(shortNumber)));
    const models = new Map(), lossAt = (size, t) => {
      if (!models.has(size)) models.set(size, family.model(size));
      return plrfLoss(t, models.get(size)).loss;
    };
    const reach = size => [discrete ? 66 : 1 / (gamma * B), 30 * size ** (2 * alpha) / (family.model(size).gamma * B)];
    yield* traceFront(lossAt, sizes, reach, law, { name: "d", cost: B, across: "compute f = d r B" });
  },

  *dmft({ a, b }, field, law) {
    const N = readSize(field.N), P = readSize(field.P), t = readReal(field.t), least = Math.min(N, P);
    const reach = 10 * (least < Infinity ? least : 1e4) ** b, latest = Math.max(reach, t);
    const model = prepareMeanField(a, b, N, P, latest), ideal = prepareMeanField(a, b, Infinity, Infinity, latest);
    yield;
    const here = meanFieldLoss(t, model);
    showReading([["test", here.test], ["train", here.train], ["N = P = ∞", meanFieldLoss(t, ideal).test]], `at t = ${field.t}`);
    showNote("No label noise. The same numbers: ", `scaling-sym curve dmft ${settings({ ...state.exact, N: field.N, P: field.P })} --times ${field.t}`);
    const rows = [];
    for (const time of range(0.1, reach, 36)) {
      rows.push([time, { ...meanFieldLoss(time, model), ideal: meanFieldLoss(time, ideal).test }]);
      yield;
    }
    const pick = key => rows.map(([time, row]) => [time, row[key]]);
    $("pieces").querySelector("figcaption").textContent = "Test and train loss against time.";
    drawChart($("pieces"), [{ name: "N = P = ∞", kind: "piece2", points: pick("ideal") }, { name: "train", kind: "piece1", points: pick("train") },
      { name: "test", kind: "loss", main: true, points: pick("test") }], { across: "time t", marks: [t] });
    writeTable($("pieces-table"), "Test and train loss", ["t", "test", "train", "N = P = ∞"], rows.map(([time, row]) => [time, row.test, row.train, row.ideal].map(shortNumber)));
    const models = new Map(), sizes = listSizes(N < Infinity ? N : 1000, 8, size => size ** b <= 1e100);
    const lossAt = (size, time) => {
      if (!models.has(size)) models.set(size, prepareMeanField(a, b, size, Infinity, 100 * size ** b));
      return meanFieldLoss(time, models.get(size)).test;
    };
    yield* traceFront(lossAt, sizes, size => [1, 30 * size ** b], law, { name: "N", cost: 1, across: "compute C = N t, P = ∞" });
  },
};
const PLRF_PIECES = [["F_0", "F<sub>0</sub>", "piece1"], ["F_pp", "F<sub>pp</sub>", "piece2"], ["F_ac", "F<sub>ac</sub>", "piece3"], ["K_pp/γB", "K<sub>pp</sub> / γB", "piece4"]];
const settings = values => Object.entries(values).map(([name, x]) => `--at ${name}=${x}`).join(" ");
const listSizes = (centre, least, allowed) => [-2, -1, 0, 1, 2, 3, 4].map(k => Math.round(centre * 10 ** (k / 2))).filter(size => size >= least && allowed(size * 1.1));

// The loss of several sizes against compute, the front that touches them, and the slope of its law.
function* traceFront(lossAt, sizes, reach, law, { name, cost, across }) {
  const curves = [], front = [];
  for (const size of sizes) {
    const [low, high] = reach(size), best = yield* findBestTime(lossAt, size, [low, high]), loss = best && lossAt(size, best), points = [];
    for (const t of range(best ? Math.max(low, best / 1e4) : low, best ? Math.min(high, best * 1e4) : high, 24)) {
      points.push([size * t * cost, lossAt(size, t)]);
      yield;
    }
    curves.push({ name: size === sizes[0] ? `one curve for each ${name}` : "", kind: "family", main: true, points });
    // Where the loss falls in steps a size may be best only among its neighbours.
    const isBeaten = other => size * best / other > reach(other)[0] && lossAt(other, size * best / other) < loss * (1 - 1e-9);
    if (best && !sizes.some(isBeaten)) front.push([size * best * cost, loss, size, best]);
    yield;
  }
  const end = front.at(-1), shape = f => f ** -law.loss * Math.log(f) ** law.log, slope = findSlope(front);
  const dotted = end ? [{ name: "slope of the law", kind: "law", points: range(front[0][0] / 10, end[0] * 10, 30).map(f => [f, end[1] * 0.8 * shape(f) / shape(end[0])]) }] : [];
  drawChart($("front"), [...curves, ...dotted, { name: "compute-optimal front", kind: "front", dots: true, points: front.map(([f, loss]) => [f, loss]) }], { across });
  $("front-note").innerHTML = front.length < 2 ? "No two of these sizes are ever the best one within the times looked at." : `Slope of the front between its last two points: <output>${(-slope).toFixed(4)}</output>, of the law: `
    + `${tellLaw(law.loss, -law.log, end[0])}. Best ${name} grows as compute to the power <output>${findSlope(front.map(([f, , size]) => [f, size])).toFixed(4)}</output>, by the law ${tellLaw(law.size, law.sizeLog, end[0])}.`;
  writeTable($("front-table"), "Where each size is the best one", [across, name, "time", "loss"], front.map(([f, loss, size, best]) => [f, size, best, loss].map(shortNumber)));
}

// An exponent, and where a power of the logarithm multiplies the law also its slope at compute f.
const tellLaw = (power, log, f) => `<output>${power.toFixed(4)}</output>` + (log ? ` (with its logarithm <output>${(power + log / Math.log(f)).toFixed(4)}</output> here)` : "");

function showReading(values, where) {
  writeTable($("reading"), `Loss ${where}`, values.map(([name]) => name), [values.map(([, x]) => `<output>${Number.isNaN(x) ? "no digits" : Number(x.toPrecision(10))}</output>`)]);
  $("reading-group").setAttribute("aria-busy", "false");
}
function showNote(text, command) {
  $("curve-note").textContent = text;
  $("curve-note").append(Object.assign(document.createElement("code"), { textContent: command }));
}

// Exponents of the law at a point, for the front: on a wall also its power of the logarithm, where that is known.
function readLaw(model, found, point) {
  const groups = model.regions.length ? ["compute/loss", "compute/size"] : ["phase", "phase"], [loss, size] = groups.map(group => found.rules[model.groups.indexOf(group)][0]);
  const value = (rule, title) => { const i = rule ? rule.values.findIndex(x => x.title === title) : -1; return i < 0 ? NaN : toDouble(rule.exponents[i](FRACTIONS, point)); };
  if (!model.regions.length) return { loss: value(loss, "η"), size: value(size, "ξ"), log: value(loss, "log power of the loss") || 0, sizeLog: value(size, "log power of the size") || 0 };
  const logs = [loss, size].map(rule => value(rule, rule?.values.find(x => x.title.startsWith("log"))?.title) || 0);
  return { loss: -value(loss, "power of C"), size: value(size, "power of C"), log: logs[0], sizeLog: logs[1] };
}

let job = null, waiting = 0;

function clearCurves(problem) {
  job = null;
  clearTimeout(waiting);
  $("curve-note").textContent = problem;
  $("charts").hidden = true;
  for (const id of ["reading", "pieces-table", "front-table", "front-note"]) $(id).replaceChildren();
  for (const id of ["pieces", "front"]) { $(id).querySelector("svg").replaceChildren(); $(id).querySelector(".legend").replaceChildren(); }
  for (const id of ["curves", "reading-group"]) $(id).setAttribute("aria-busy", "false");
}

// Starts the work for a point after a moment's rest, and drops what is under way.
function startCurves(name, field, found, point) {
  const model = MODELS[name], values = Object.fromEntries(Object.entries(point).map(([key, x]) => [key, toDouble(x)]));
  const wrong = CHECKS[name](values, field);
  for (const key of Object.keys(field)) $(key).setAttribute("aria-invalid", wrong && wrong[0] === key);
  const law = wrong ? null : readLaw(model, found, point);
  if (wrong || Number.isNaN(law.loss)) { clearCurves(wrong ? wrong[1] : "No curves: there is no power law here."); return; }
  for (const id of ["curves", "reading-group"]) $(id).setAttribute("aria-busy", "true");
  $("charts").hidden = false;
  job = JOBS[name](values, field, law);
  clearTimeout(waiting);
  waiting = setTimeout(workOn, 60, job);
}

function workOn(current) {
  if (job !== current) return;
  const until = performance.now() + 14;
  while (performance.now() < until) if (current.next().done) { $("curves").setAttribute("aria-busy", "false"); return; }
  waiting = setTimeout(workOn, 0, current);
}
