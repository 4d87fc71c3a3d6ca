// The page: a state that the address keeps, the point that is fixed and the one under the pointer, and everything shown.

const MODELS = JSON.parse(document.getElementById("data").textContent);
const $ = id => document.getElementById(id);
Object.values(MODELS).forEach(prepareRules);

// `at` and `fields` by model; `under` is the point below the pointer, or null; `exact` what is shown, as text.
const state = { model: "plrf", at: {}, fields: {}, under: null, exact: {} };
for (const name of Object.keys(MODELS)) { state.at[name] = [...MODELS[name].start]; state.fields[name] = { ...FIELDS[name] }; }

const readPoint = texts => {
  const [x, y] = texts.map(readNumber), { names } = MODELS[state.model];
  return x && y && { [names[0].name]: x, [names[1].name]: y };
};

// --- the address

const KEEP_AFTER = 300; // milliseconds

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1)), bad = [];
  const asked = given.get("model") ?? state.model;
  if (Object.hasOwn(MODELS, asked)) state.model = asked; else bad.push("model");
  const name = state.model, { names, start } = MODELS[name];
  state.at[name] = [...start];
  state.fields[name] = { ...FIELDS[name] };
  state.under = null;
  for (const [key, value] of given) {
    const place = names.findIndex(one => one.name === key);
    if (place >= 0 && readNumber(value)) state.at[name][place] = value.trim();
    else if (Object.hasOwn(FIELDS[name], key) && isReadable(key, value)) state.fields[name][key] = value.trim();
    else if (key !== "model") bad.push(key);
  }
  const culprits = bad.map(key => key.slice(0, 20)).slice(0, 5).join(", ");
  $("notice").textContent = bad.length ? `The address asks for something that cannot be read (${culprits}): the start values stand instead.` : "";
}

let keeping = 0;

// After a moment's rest: browsers allow an address to change only so many times in half a minute.
function keepAddress() {
  clearTimeout(keeping);
  keeping = setTimeout(() => {
    const [x, y] = state.at[state.model], { names } = MODELS[state.model];
    const kept = new URLSearchParams({ model: state.model, [names[0].name]: x, [names[1].name]: y, ...state.fields[state.model] });
    history.replaceState(null, "", "#" + kept);
  }, KEEP_AFTER);
}

// --- what is shown

function showPoint() {
  const model = MODELS[state.model], fixed = readPoint(state.at[state.model]), point = state.under ? readPoint(state.under) : fixed;
  const found = lookUp(model, point);
  $("summary").textContent = tellPoint(model, found, point);
  $("name").textContent = found.problem ? "" : found.name;
  $("laws").innerHTML = writeLaws(model, found, point);
  for (const part of document.querySelectorAll("#laws dd")) if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
  placeMark($("fixed"), model, fixed);
  placeMark($("under"), model, state.under && point);
  state.exact = point ? Object.fromEntries(Object.entries(point).map(([name, x]) => [name, writeFraction(x)])) : {};
  if (found.problem) clearCurves(""); else startCurves(state.model, state.fields[state.model], found, point);
  return $("summary").textContent;
}

let saying = 0;

// After the fixed point or a field has changed: everything, the address, and a word to screen readers.
function refresh() {
  const { names } = MODELS[state.model], [x, y] = state.at[state.model];
  const shown = { model: state.model, x, y, ...state.fields[state.model] };
  for (const [id, text] of Object.entries(shown)) if ($(id).value !== text) $(id).value = text;
  for (const id of ["x", "y"]) $(id).setAttribute("aria-invalid", !readNumber($(id).value));
  $("label-x").innerHTML = names[0].formula;
  $("label-y").innerHTML = names[1].formula;
  const told = showPoint();
  keepAddress();
  clearTimeout(saying);
  saying = setTimeout(() => { $("announce").textContent = told; }, 400);
}

function showModel() {
  const model = MODELS[state.model];
  $("plane").innerHTML = drawPlane(model);
  for (const part of document.querySelectorAll("[data-model]")) part.hidden = part.dataset.model !== state.model;
  const options = model.places.map((place, i) => `<option value="${i}">${place.title}</option>`);
  $("go").innerHTML = '<option value="">Go to …</option>' + options.join("");
  state.under = null;
  refresh();
}

// --- pointer, keys, fields

function fix(texts) {
  state.at[state.model] = texts;
  state.under = null;
  refresh();
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
function step(event) {
  const arrow = ARROWS[event.key], { window: [x0, x1, y0, y1] } = MODELS[state.model], numbers = state.at[state.model].map(readNumber);
  if (!arrow || !numbers[0] || !numbers[1]) return;
  event.preventDefault();
  const far = event.shiftKey ? 0.1 : 0.01, [x, y] = state.at[state.model];
  const move = (text, number, along, low, high) =>
    along ? shorten(Math.min(Math.max(toDouble(number) + along * far, low), high).toFixed(3)) : text;
  fix([move(x, numbers[0], arrow[0], x0, x1), move(y, numbers[1], arrow[1], y0, y1)]);
}

function listenToPlane(plane) {
  const read = event => readPointer(event, MODELS[state.model]);
  plane.addEventListener("pointerdown", event => { plane.setPointerCapture(event.pointerId); fix(read(event)); });
  plane.addEventListener("pointermove", event => {
    if (event.buttons) { fix(read(event)); return; }
    state.under = read(event);
    showPoint();
  });
  for (const name of ["pointerleave", "pointercancel"]) plane.addEventListener(name, () => { if (state.under) { state.under = null; showPoint(); } });
  plane.addEventListener("keydown", step);
}

listenToPlane($("plane"));
$("x").addEventListener("input", () => fix([$("x").value.trim(), state.at[state.model][1]]));
$("y").addEventListener("input", () => fix([state.at[state.model][0], $("y").value.trim()]));
for (const [name, fields] of Object.entries(FIELDS)) for (const key of Object.keys(fields)) $(key).addEventListener("input", () => {
  state.fields[name][key] = $(key).value.trim();
  refresh();
});
$("model").addEventListener("change", () => { state.model = $("model").value; showModel(); });
$("go").addEventListener("change", () => {
  const place = MODELS[state.model].places[$("go").value];
  if (place) fix(MODELS[state.model].names.map(({ name }) => place.at[name]));
  $("go").value = "";
});
addEventListener("hashchange", () => { readAddress(); showModel(); });
const readWidth = () => document.documentElement.clientWidth;
state.width = readWidth();
addEventListener("resize", () => { if (readWidth() !== state.width) { state.width = readWidth(); showPoint(); } });
readAddress();
showModel();
