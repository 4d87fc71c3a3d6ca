// The page: a state (model, point, d, gamma over its limit, B) that the address keeps, the plane, the table, the charts.

const MODELS = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
const TINTS = ["#fbe3c0", "#cfe6f5", "#cdeadd", "#f9f3b5", "#dcd3ee", "#f6d5c4", "#f0d4e3", "#e4e4e4", "#d9efef", "#eee0cc"];
const COLOURS = { loss: "#000000", F_pp: "#0072b2", F_ac: "#d55e00", F_0: "#009e73", K_pp: "#cc79a7" };

for (const model of Object.values(MODELS)) {
  for (const rule of model.rules) {
    rule.conditions = rule.cell.map(readCondition);
    rule.exponents = rule.values.map(value => readFunction(value.text));
  }
  model.inDomain = model.domain.map(readCondition);
  model.groups = Object.keys(model.titles);
}
const state = { model: "plrf", x: "", y: "", d: "1000", share: "0.5", B: "1" };

// --- state and address

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (MODELS[given.get("model")]) state.model = given.get("model");
  [state.x, state.y] = MODELS[state.model].start;
  for (const key of ["x", "y", "d", "share", "B"]) if (given.has(key)) state[key] = given.get(key).slice(0, 60);
}
const keepAddress = () => history.replaceState(null, "", "#" + new URLSearchParams(state));

function readPoint() {
  const [x, y] = [readNumber(state.x), readNumber(state.y)];
  $("x").setAttribute("aria-invalid", !x);
  $("y").setAttribute("aria-invalid", !y);
  const { names } = MODELS[state.model];
  return x && y && { [names[0].name]: x, [names[1].name]: y };
}

// --- what holds at a point, exactly

// Of each group the rule whose cell holds the point, or the rules around it where it lies on a wall without a rule of its own.
function rulesAt(model, point) {
  return model.groups.map(group => {
    const own = model.rules.filter(rule => rule.group === group);
    const inside = own.find(rule => rule.conditions.every(holds => holds(FRACTIONS, point)));
    return inside ? [inside] : own.filter(rule => rule.conditions.every(holds => holds(FRACTIONS, point, true)));
  });
}
const evaluate = (rule, point) => rule.exponents.map(f => writeFraction(f(FRACTIONS, point)));

function showLaws(point) {
  const model = MODELS[state.model];
  const outside = !point ? "Type numbers such as 0.7 or 7/10."
    : model.inDomain.every(holds => holds(FRACTIONS, point)) ? "" : "Outside the domain: " + model.domain.join(" and ") + " is needed.";
  $("laws").replaceChildren();
  $("summary").textContent = outside;
  if (outside) return null;
  const found = rulesAt(model, point), phases = model.groups.includes("phase");
  const first = found[0];
  $("summary").textContent = phases ? (first.length === 1 ? describeName(first[0].name) : "Undecided: no law is derived for this point.")
    : found.every(rules => rules.length === 1) ? "Laws of each bottleneck" : "On a wall: laws may carry a logarithm here.";
  if (phases && first.length !== 1) return null;
  $("laws").append(...found.filter(rules => rules.length).map(rules => showRules(rules, point, phases)));
  return found;
}
const describeName = name => /^(wall|corner|no )/.test(name) ? name[0].toUpperCase() + name.slice(1) : "Phase " + name;

function showRules(rules, point, phases) {
  const table = document.createElement("table"), rule = rules[0], exact = evaluate(rule, point);
  const agree = rules.every(other => evaluate(other, point).join() === exact.join());
  const rows = phases ? [row("region", rule.region)] : [row("<b>" + rule.name + "</b>", rule.region)];
  rule.values.forEach((value, i) => rows.push(agree
    ? row(value.title, value.formula, exact[i], Number(toDouble(readFunction(exact[i])(FRACTIONS, {})).toPrecision(8)))
    : row(value.title, "undecided: the two sides of the wall differ")));
  for (const note of rule.notes) rows.push(row(note.title, note.formula));
  table.innerHTML = rows.join("");
  return table;
}
const row = (title, formula, exact, decimal) => `<tr><th scope="row">${title}</th><td>${formula}</td>`
  + (exact === undefined ? "</tr>" : `<td>= <output data-of="${title}">${exact}</output>${exact.includes("/") ? ` ≈ ${decimal}` : ""}</td></tr>`);

// --- the plane

const pictures = {};

function paintPlane(key) {
  const model = MODELS[key], { width, height } = $("plane"), [x0, x1, y0, y1] = model.window;
  const open = model.rules.filter(rule => rule.cell.every(text => !text.endsWith("= 0")));
  const canvas = Object.assign(document.createElement("canvas"), { width, height }), pen = canvas.getContext("2d");
  const seen = new Map(), keys = [];
  for (let j = 0; j < height; j++) for (let i = 0; i < width; i++) {
    const at = { [model.names[0].name]: x0 + (x1 - x0) * (i + 0.5) / width, [model.names[1].name]: y1 - (y1 - y0) * (j + 0.5) / height };
    const held = open.map((rule, n) => rule.conditions.every(holds => holds(DOUBLES, at)) ? n : "").join();
    if (!seen.has(held)) seen.set(held, seen.size);
    keys.push(seen.get(held));
    const wall = (i && keys[keys.length - 2] !== seen.get(held)) || (j && keys[keys.length - 1 - width] !== seen.get(held));
    pen.fillStyle = wall ? "#222" : TINTS[seen.get(held) % TINTS.length];
    pen.fillRect(i, j, 1, 1);
  }
  pen.fillStyle = "#111";
  pen.font = "15px system-ui, sans-serif";
  pen.textAlign = "center";
  for (const [name, x, y] of model.labels) pen.fillText(name, (x - x0) / (x1 - x0) * width, (y1 - y) / (y1 - y0) * height);
  pen.font = "11px system-ui, sans-serif";
  pen.textAlign = "left";
  pen.fillText(`${model.names[0].name} from ${x0} to ${x1}, ${model.names[1].name} from ${y0} to ${y1}`, 6, height - 6);
  return canvas;
}

function showPlane(point) {
  const canvas = $("plane"), pen = canvas.getContext("2d"), model = MODELS[state.model], [x0, x1, y0, y1] = model.window;
  pen.drawImage(pictures[state.model] ||= paintPlane(state.model), 0, 0);
  if (!point) return;
  const [x, y] = model.names.map(({ name }) => toDouble(point[name]));
  pen.beginPath();
  pen.arc((x - x0) / (x1 - x0) * canvas.width, (y1 - y) / (y1 - y0) * canvas.height, 6, 0, 7);
  Object.assign(pen, { strokeStyle: "#fff", fillStyle: "#c00", lineWidth: 2 });
  pen.fill();
  pen.stroke();
}

function moveTo(x, y) {
  const [x0, x1, y0, y1] = MODELS[state.model].window;
  const write = (value, low, high) => Math.min(Math.max(value, low), high).toFixed(3).replace(/\.?0+$/, "");
  state.x = write(x, x0, x1);
  state.y = write(y, y0, y1);
  refresh();
}
function follow(event) {
  const box = $("plane").getBoundingClientRect(), [x0, x1, y0, y1] = MODELS[state.model].window;
  moveTo(x0 + (x1 - x0) * (event.clientX - box.left) / box.width, y1 - (y1 - y0) * (event.clientY - box.top) / box.height);
}
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
function step(event) {
  const arrow = ARROWS[event.key], point = readPoint();
  if (!arrow || !point) return;
  event.preventDefault();
  const [x, y] = MODELS[state.model].names.map(({ name }) => toDouble(point[name])), size = event.shiftKey ? 0.1 : 0.01;
  moveTo(x + size * arrow[0], y + size * arrow[1]);
}

// --- the curves

function readCurve(point) {
  if (state.model !== "plrf") return "Curves are drawn for plrf.";
  const [d, share, B] = ["d", "share", "B"].map(key => readNumber(state[key])).map(x => x && toDouble(x));
  if (!(d >= 16 && d <= 1e8)) return "d must lie between 16 and 1e8.";
  if (!(share > 0 && share < 1)) return "γ / limit must lie between 0 and 1.";
  if (!(B >= 1 && B <= 1e8)) return "B must lie between 1 and 1e8.";
  const { alpha, beta } = Object.fromEntries(Object.entries(point).map(([name, x]) => [name, toDouble(x)]));
  if (alpha < 0.1 || alpha > 4 || beta > 6) return "Curves are drawn for alpha from 0.1 to 4 and beta up to 6.";
  return { alpha, beta, d, share, B };
}
const range = (low, high, count) => Array.from({ length: count }, (_, i) => low * (high / low) ** (i / (count - 1)));

function showCurves(point, found) {
  const rule = found && found[0].length === 1 && found[0][0], wanted = point && rule ? readCurve(point) : "";
  $("pieces").replaceChildren();
  $("front").replaceChildren();
  const barren = state.model === "plrf" && !(rule && rule.exponents.length);
  if (barren || typeof wanted === "string") { $("curve-note").textContent = barren ? "" : wanted; return; }
  const { alpha, beta, d, share, B } = wanted, model = prepareModel(alpha, beta, d, share, B);
  const reach = 10 * d ** (2 * alpha) / (model.gamma * B);
  const times = range(1 / (model.gamma * B), Math.max(reach, 100), 40), rows = times.map(t => lossAt(t, model));
  const norm = share, names = Object.keys(COLOURS);
  const lines = names.map(name => ({ name: name === "K_pp" ? "K_pp / γB" : name, colour: COLOURS[name], points: times.map((t, i) =>
    [t, name === "K_pp" ? rows[i].K_pp / (model.gamma * B) : rows[i][name]]) }));
  const refused = rows.filter(row => !(row.loss > 0)).length;
  $("curve-note").textContent = `γ = ${model.gamma.toPrecision(6)}, ‖K‖ = ${norm}, v = ${model.v === Infinity ? "∞" : model.v}.`
    + (refused ? ` At ${refused} of ${times.length} times double precision does not suffice: not drawn.` : "");
  draw("pieces", lines, "t");
  showFront(wanted, toDouble(rule.exponents[0](FRACTIONS, point)));
}

function showFront({ alpha, beta, share, B }, eta) {
  const sizes = range(32, 32 * 4 ** 6, 7), curves = sizes.map((d, i) => {
    const model = prepareModel(alpha, beta, Math.round(d), share, B);
    const times = range(1 / (model.gamma * B), 10 * d ** (2 * alpha) / (model.gamma * B), 16);
    return { name: "", colour: ["#0072b2", "#56b4e9"][i % 2], points: times.map(t => [Math.round(d) * t * B, lossAt(t, model).loss]) };
  });
  const all = curves.flatMap(curve => curve.points).filter(([, y]) => y > 0);
  if (!all.length) return;
  // The law's slope, moved down until it touches the curves.
  const touch = Math.min(...all.map(([f, y]) => Math.log(y) + eta * Math.log(f)));
  const ends = [Math.min(...all.map(([f]) => f)), Math.max(...all.map(([f]) => f))];
  const law = { name: "f^−η", colour: "#000", dotted: true, points: ends.map(f => [f, Math.exp(touch - eta * Math.log(f))]) };
  draw("front", [...curves, law], "f");
}

// Lines on logarithmic axes; points without a positive value are left out.
function draw(id, lines, title) {
  const W = 440, H = 300, left = 52, bottom = 34, shown = lines.map(line => ({ ...line, points: line.points.filter(([, y]) => y > 0) }));
  const main = (shown.find(line => line.name === "loss")?.points || shown.flatMap(line => line.points));
  if (!main.length) return;
  const logs = k => main.map(point => Math.log10(point[k])), [x0, x1] = [Math.min(...logs(0)), Math.max(...logs(0))];
  const y1 = Math.max(...logs(1)) + 0.2, y0 = Math.min(...logs(1)) - 1;
  const X = x => left + (W - left - 8) * (Math.log10(x) - x0) / (x1 - x0), Y = y => 8 + (H - bottom - 8) * (y1 - Math.log10(y)) / (y1 - y0);
  const parts = [`<rect x="${left}" y="8" width="${W - left - 8}" height="${H - bottom - 8}" fill="none" stroke="#555"/>`,
    `<clipPath id="clip-${id}"><rect x="${left}" y="8" width="${W - left - 8}" height="${H - bottom - 8}"/></clipPath>`];
  const ticks = (low, high) => { const step = Math.ceil((high - low) / 6) || 1, found = []; for (let k = Math.ceil(low / step) * step; k <= high; k += step) found.push(k); return found; };
  for (const k of ticks(x0, x1)) parts.push(`<text x="${X(10 ** k)}" y="${H - 18}" text-anchor="middle">1e${k}</text>`);
  for (const k of ticks(y0, y1)) parts.push(`<text x="${left - 4}" y="${Y(10 ** k) + 4}" text-anchor="end">1e${k}</text>`);
  parts.push(`<text x="${W / 2}" y="${H - 3}" text-anchor="middle">${title}</text>`);
  let legend = 0;
  for (const { name, colour, points, dotted } of shown) {
    const path = points.map(([x, y]) => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`).join(" ");
    parts.push(`<polyline clip-path="url(#clip-${id})" points="${path}" fill="none" stroke="${colour}" stroke-width="${name === "loss" ? 2.5 : 1.5}"${dotted ? ' stroke-dasharray="2 4"' : ""}/>`);
    if (name) parts.push(`<text x="${W - 14}" y="${24 + 15 * legend++}" text-anchor="end" fill="${colour}">${name}</text>`);
  }
  $(id).innerHTML = parts.join("");
  $(id).setAttribute("aria-label", $(id).parentNode.querySelector("figcaption").textContent);
}

// --- together

let waiting = 0;

function refresh() {
  const { names } = MODELS[state.model], point = readPoint();
  $("label-x").innerHTML = names[0].formula;
  $("label-y").innerHTML = names[1].formula;
  for (const key of ["model", "x", "y", "d", "share", "B"]) if ($(key).value !== state[key]) $(key).value = state[key];
  const found = showLaws(point);
  showPlane(point);
  keepAddress();
  clearTimeout(waiting);
  waiting = setTimeout(() => showCurves(point, found), 60);
}

// For tests: types each of the points of "report=x,y;x,y" and writes what is then shown; of "losses=t,t" the curve.
function writeReport(given) {
  const shown = (given.get("report") || "").split(";").filter(Boolean).map(text => {
    const [x, y] = text.split(",");
    for (const [id, value] of [["x", x], ["y", y]]) { $(id).value = value; $(id).dispatchEvent(new Event("input")); }
    return [$("summary").textContent, ...[...document.querySelectorAll("#laws output")].map(x => x.textContent)];
  });
  const times = (given.get("losses") || "").split(",").filter(Boolean).map(Number);
  const asked = times.length ? readCurve(readPoint()) : null, model = asked && prepareModel(...["alpha", "beta", "d", "share", "B"].map(k => asked[k]));
  $("report").textContent = JSON.stringify({ shown, losses: times.map(t => lossAt(t, model)), seconds: performance.now() / 1000 });
}

for (const key of ["x", "y", "d", "share", "B"]) $(key).addEventListener("input", () => { state[key] = $(key).value.trim(); refresh(); });
$("model").addEventListener("change", () => { state.model = $("model").value; [state.x, state.y] = MODELS[state.model].start; refresh(); });
$("plane").addEventListener("pointerdown", event => { $("plane").setPointerCapture(event.pointerId); follow(event); });
$("plane").addEventListener("pointermove", event => { if (event.buttons) follow(event); });
$("plane").addEventListener("keydown", step);
addEventListener("hashchange", () => { readAddress(); refresh(); });
const asked = new URLSearchParams(location.hash.slice(1));
readAddress();
refresh();
if (asked.has("report") || asked.has("losses")) writeReport(asked);
