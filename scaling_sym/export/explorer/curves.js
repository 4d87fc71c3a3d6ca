// The loss curves and the compute-optimal front of the point shown: the work in small slices, and its drawing.

const PIECES = [ // key, name, style
  ["F_0", "F<sub>0</sub>", "piece1"], ["F_pp", "F<sub>pp</sub>", "piece2"], ["F_ac", "F<sub>ac</sub>", "piece3"],
  ["K_pp/γB", "K<sub>pp</sub> / γB", "piece4"],
];
const FRONT_WIDTH = 1e4; // a size is drawn so far in time on both sides of where it is the best one

const range = (low, high, count) => Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));
const listSizes = (centre, least, allowed) =>
  [-2, -1, 0, 1, 2, 3, 4].map(k => Math.round(centre * 10 ** (k / 2))).filter(size => size >= least && allowed(size * 1.1));
const settings = values => Object.entries(values).map(([name, x]) => `--at ${name}=${x}`).join(" ");

// Generators that give way after each loss, so that the page stays quick. `law` is { loss, size, log, sizeLog }.
const JOBS = {
  *plrf({ alpha, beta }, field, law) {
    const { discrete, d, share, B, r } = READERS.plrf(field), a = 2 * alpha;
    const sizes = listSizes(d, 64, size => size ** a <= LARGEST_POWER.plrf && size <= 1e100);
    const family = new PlrfFamily({ alpha, beta, share, B, discrete }, 1.1 * Math.max(d, ...sizes)), model = family.model(d);
    yield;
    readOffPlrf(r, model, field);
    const { gamma } = model;
    let times = range(discrete ? 1 : 0.1 / (gamma * B), Math.max(10 * d ** a / (gamma * B), 100), 48);
    if (discrete) times = [...new Set(times.map(Math.round))];
    const rows = [];
    for (const t of times) { rows.push([t, lossAndPieces(t, model)]); yield; }
    drawPieces(rows, r, discrete);
    const models = new Map(), modelAt = size => models.get(size) || models.set(size, family.model(size)).get(size);
    const reach = size => [discrete ? FIRST + 2 : 1 / (gamma * B), 30 * size ** a / (modelAt(size).gamma * B)];
    const lossAt = (size, t) => plrfLoss(t, modelAt(size)).loss;
    yield* traceFront(lossAt, sizes, reach, law, { name: "d", cost: B, across: "compute f = d r B" });
  },

  *dmft({ a, b }, field, law) {
    const { N, P, t } = READERS.dmft(field), least = Math.min(N, P), reach = 10 * (least < Infinity ? least : 1e4) ** b;
    const latest = Math.max(reach, t), model = prepareMeanField(a, b, N, P, latest);
    const ideal = prepareMeanField(a, b, Infinity, Infinity, latest);
    const lossesAt = time => ({ ...meanFieldLoss(time, model), ideal: meanFieldLoss(time, ideal).test });
    yield;
    const { test, train, ideal: limit } = lossesAt(t);
    showReading([["test", test], ["train", train], ["N = P = ∞", limit]], `at t = ${field.t}`);
    const command = `scaling-sym curve dmft ${settings({ ...state.exact, N: field.N, P: field.P })} --times ${field.t}`;
    showNote("No label noise. The same numbers: ", command);
    const rows = [];
    for (const time of range(0.1, reach, 36)) { rows.push([time, lossesAt(time)]); yield; }
    drawTestAndTrain(rows, t);
    const models = new Map(), sizes = listSizes(N < Infinity ? N : 1000, 8, size => size ** b <= LARGEST_POWER.dmft);
    const modelAt = size => models.get(size) || models.set(size, prepareMeanField(a, b, size, Infinity, 100 * size ** b)).get(size);
    const lossAt = (size, time) => meanFieldLoss(time, modelAt(size)).test;
    yield* traceFront(lossAt, sizes, size => [1, 30 * size ** b], law, { name: "N", cost: 1, across: "compute C = N t, P = ∞" });
  },
};

// --- one-pass SGD

function lossAndPieces(t, model) {
  const row = plrfLoss(t, model);
  return { ...row, "K_pp/γB": row.K_pp / (model.gamma * model.B) };
}

function readOffPlrf(r, model, field) {
  const row = lossAndPieces(r, model), modes = model.v === Infinity ? "infinitely many" : String(model.v);
  showReading([["loss", row.loss], ...PIECES.map(([key, name]) => [name, row[key]])], `at r = ${field.r}`);
  const given = settings({ ...state.exact, d: field.d, gamma: model.gamma, B: field.B });
  showNote(`γ = ${model.gamma}, modes v: ${modes}. The same numbers: `,
    `scaling-sym curve plrf --dynamics ${field.dynamics} ${given} --steps ${field.r}`);
}

function drawPieces(rows, r, discrete) {
  const pick = key => rows.map(([t, row]) => [t, row[key]]), names = PIECES.map(([, name]) => name);
  const pieces = PIECES.map(([key, name, kind]) => ({ name, kind, points: pick(key) }));
  $("pieces").querySelector("figcaption").textContent = "The loss and its pieces against the steps.";
  drawChart($("pieces"), [...pieces, { name: "loss", kind: "loss", main: true, points: pick("loss") }],
    { across: discrete ? "steps r" : "time r", marks: [r] });
  writeTable($("pieces-table"), "The loss and its pieces", ["r", "loss", ...names],
    rows.map(([t, row]) => [t, row.loss, ...PIECES.map(([key]) => row[key])].map(shortNumber)));
}

// --- the mean-field model

function drawTestAndTrain(rows, t) {
  const pick = key => rows.map(([time, row]) => [time, row[key]]);
  $("pieces").querySelector("figcaption").textContent = "Test and train loss against time.";
  drawChart($("pieces"), [
    { name: "N = P = ∞", kind: "piece2", points: pick("ideal") }, { name: "train", kind: "piece1", points: pick("train") },
    { name: "test", kind: "loss", main: true, points: pick("test") },
  ], { across: "time t", marks: [t] });
  writeTable($("pieces-table"), "Test and train loss", ["t", "test", "train", "N = P = ∞"],
    rows.map(([time, row]) => [time, row.test, row.train, row.ideal].map(shortNumber)));
}

// --- the front

// The loss of several sizes against compute, and where each of them is the best one.
function* traceFront(lossAt, sizes, reach, law, { name, cost, across }) {
  const curves = [], front = [];
  for (const size of sizes) {
    const [low, high] = reach(size), best = yield* findBestTime(lossAt, size, [low, high]), points = [];
    const ends = best ? [Math.max(low, best / FRONT_WIDTH), Math.min(high, best * FRONT_WIDTH)] : [low, high];
    for (const t of range(...ends, 24)) { points.push([size * t * cost, lossAt(size, t)]); yield; }
    curves.push({ name: size === sizes[0] ? `one curve for each ${name}` : "", kind: "family", main: true, points });
    if (!best) continue;
    // Where the loss falls in steps a size may be best only among its neighbours.
    const loss = lossAt(size, best), timeOf = other => size * best / other;
    const isBeaten = sizes.some(other => timeOf(other) > reach(other)[0] && lossAt(other, timeOf(other)) < loss * (1 - 1e-9));
    if (!isBeaten) front.push([size * best * cost, loss, size, best]);
    yield;
  }
  drawFront(curves, front, law, across);
  tellFront(front, law, name);
  writeTable($("front-table"), "Where each size is the best one", [across, name, "time", "loss"],
    front.map(([f, loss, size, best]) => [f, size, best, loss].map(shortNumber)));
}

function drawFront(curves, front, law, across) {
  const end = front.at(-1), shape = f => f ** -law.loss * Math.log(f) ** law.log;
  const slope = end ? range(front[0][0] / 10, end[0] * 10, 30).map(f => [f, end[1] * 0.8 * shape(f) / shape(end[0])]) : [];
  drawChart($("front"), [
    ...curves, { name: "slope of the law", kind: "law", points: slope },
    { name: "compute-optimal front", kind: "front", dots: true, points: front.map(([f, loss]) => [f, loss]) },
  ], { across });
}

function tellFront(front, law, name) {
  if (front.length < 2) {
    $("front-note").textContent = "No two of these sizes are ever the best one within the times looked at.";
    return;
  }
  const end = front.at(-1)[0], growth = findSlope(front.map(([f, , size]) => [f, size])), output = x => `<output>${x.toFixed(4)}</output>`;
  // An exponent, and where a power of the logarithm multiplies the law also its slope at the front's end.
  const tell = (power, log) => output(power) + (log ? ` (with its logarithm ${output(power + log / Math.log(end))} here)` : "");
  $("front-note").innerHTML = `Slope of the front between its last two points: ${output(-findSlope(front))}, of the law: `
    + `${tell(law.loss, -law.log)}. Best ${name} grows as compute to the power ${output(growth)}, by the law ${tell(law.size, law.sizeLog)}.`;
}

// Exponents of the law at a point, for the front: on a wall also its powers of the logarithm, where these are known.
function readLaw(model, found, point) {
  const value = (rule, isWanted) => {
    const i = rule ? rule.values.findIndex(({ title }) => isWanted(title)) : -1;
    return i < 0 ? NaN : toDouble(rule.exponents[i](FRACTIONS, point));
  };
  const isLog = what => title => title.startsWith("log") && (model.regions.length || title.endsWith(what));
  if (!model.regions.length) {
    const rule = found.rules[0][0], read = isWanted => value(rule, isWanted);
    return { loss: read(x => x === "η"), size: read(x => x === "ξ"), log: read(isLog("loss")) || 0, sizeLog: read(isLog("size")) || 0 };
  }
  const [loss, size] = ["compute/loss", "compute/size"].map(group => found.rules[model.groups.indexOf(group)][0]);
  const power = rule => value(rule, title => title === "power of C");
  return { loss: -power(loss), size: power(size), log: value(loss, isLog()) || 0, sizeLog: value(size, isLog()) || 0 };
}

// --- what stands beside the charts

function showReading(values, where) {
  const cells = values.map(([, x]) => `<output>${Number.isNaN(x) ? "no digits" : Number(x.toPrecision(10))}</output>`);
  writeTable($("reading"), `Loss ${where}`, values.map(([name]) => name), [cells]);
  $("reading-group").setAttribute("aria-busy", "false");
}
function showNote(text, command) {
  $("curve-note").textContent = text;
  $("curve-note").append(Object.assign(document.createElement("code"), { textContent: command }));
}

// --- the work

let job = null, waiting = 0;
const setBusy = busy => ["curves", "reading-group"].forEach(id => $(id).setAttribute("aria-busy", busy));

function clearCurves(problem) {
  job = null;
  clearTimeout(waiting);
  $("curve-note").textContent = problem;
  $("charts").hidden = true;
  $("reading").replaceChildren();
  setBusy(false);
}

// Starts the work for a point after a moment's rest, and drops what is under way.
function startCurves(name, field, found, point) {
  const values = Object.fromEntries(Object.entries(point).map(([key, x]) => [key, toDouble(x)]));
  const wrong = CHECKS[name](values, READERS[name](field));
  for (const key of Object.keys(field)) $(key).setAttribute("aria-invalid", wrong !== null && wrong[0] === key);
  const law = wrong ? null : readLaw(MODELS[name], found, point);
  if (wrong || Number.isNaN(law.loss)) { clearCurves(wrong ? wrong[1] : "No curves: there is no power law here."); return; }
  setBusy(true);
  $("charts").hidden = false;
  job = JOBS[name](values, field, law);
  clearTimeout(waiting);
  waiting = setTimeout(workOn, 60, job);
}

function workOn(current) {
  if (job !== current) return;
  const until = performance.now() + 14;
  while (performance.now() < until) if (current.next().done) { setBusy(false); return; }
  waiting = setTimeout(workOn, 0, current);
}
