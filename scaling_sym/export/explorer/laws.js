// What holds at a point, exactly, and how it is shown.

function prepareRules(model) {
  for (const rule of model.rules) {
    rule.conditions = rule.cell.map(readCondition);
    rule.exponents = rule.values.map(value => readFunction(value.text));
  }
  for (const piece of [...model.regions, ...model.walls]) piece.conditions = piece.cell.map(readCondition);
  model.inDomain = model.domain.map(readCondition);
  model.groups = Object.keys(model.titles);
}
const isIn = (piece, point, closed = false) => piece.conditions.every(holds => holds(FRACTIONS, point, closed));

// Of each group the rule whose cell holds the point, or the rules around it where it lies on a wall without a rule of its own.
function rulesAt(model, point) {
  return model.groups.map(group => {
    const own = model.rules.filter(rule => rule.group === group), inside = own.find(rule => isIn(rule, point));
    return inside ? [inside] : own.filter(rule => isIn(rule, point, true));
  });
}
const evaluate = (rule, point) => rule.exponents.map(f => writeFraction(f(FRACTIONS, point)));
const agree = (rules, point) => rules.every(rule => evaluate(rule, point).join() === evaluate(rules[0], point).join());

// Where the point lies and what holds there: { name, rules } or { problem }.
function lookUp(model, point) {
  if (!point) return { problem: "Type numbers such as 0.7 or 7/10." };
  if (!model.inDomain.every(holds => holds(FRACTIONS, point)))
    return { problem: `Outside the domain: ${model.domain.join(" and ")} is needed.` };
  const rules = rulesAt(model, point);
  if (!model.regions.length) {
    if (rules[0].length !== 1) return { problem: "Undecided: no law is derived for this point." };
    return { name: namePhase(rules[0][0].name), rules };
  }
  const crossed = model.walls.filter(wall => isIn(wall, point)), region = model.regions.find(piece => isIn(piece, point));
  if (region) return { name: `Region ${region.name}`, region: region.region, rules };
  const walls = crossed.map(wall => wall.name).join(", ");
  return { name: crossed.length > 1 ? `Corner ${walls}` : `Wall ${walls}`, edge: true, rules };
}
const namePhase = name => /^(wall|corner|no )/.test(name) ? name[0].toUpperCase() + name.slice(1) : "Phase " + name;

function decimal(exact) {
  const [above, below] = exact.split("/");
  if (!below) return "";
  const whole = 10n ** 8n * BigInt(above) % BigInt(below) === 0n;
  return ` ${whole ? "=" : "≈"} ${Number(toDouble([BigInt(above), BigInt(below)]).toPrecision(8))}`;
}
const exponentCell = (exact, title = "") =>
  `<output${title.startsWith("log") ? ' class="log"' : ""}>${exact}</output>${decimal(exact)}`;

// The tables and formulas of what was found.
function writeLaws(model, found, point) {
  if (found.problem) return "";
  return model.regions.length ? writeManyLaws(found, point) : writePhase(found.rules[0][0], point);
}

const MEANINGS = { "η": "η: the loss falls as f<sup>−η</sup>", "ξ": "ξ: the best d grows as f<sup>ξ</sup>" };

function writePhase(rule, point) {
  const exact = evaluate(rule, point), formulas = [{ title: "region", formula: rule.region }, ...rule.notes];
  const rows = rule.values.map(({ title, formula }, i) => `<tr data-of="${title}"><th scope="row">${MEANINGS[title] || title}</th>`
    + `<td>${formula}</td><td>${exponentCell(exact[i])}</td></tr>`);
  const head = ["quantity", "formula", "here"].map(name => `<th scope="col">${name}</th>`).join("");
  const table = `<table><caption>Exponents</caption><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
  return (rows.length ? table : "") + writeFormulas(formulas);
}
const writeFormulas = formulas => `<dl>${formulas.map(({ title, formula }) => `<dt>${title}</dt><dd>${formula}</dd>`).join("")}</dl>`;

function writeManyLaws(found, point) {
  const rows = found.rules.filter(rules => rules.length).map(rules =>
    `<tr data-of="${rules[0].group}"><th scope="row">${rules[0].name}</th><td>${writeLaw(rules, point)}</td></tr>`);
  return (found.region ? writeFormulas([{ title: "region", formula: found.region }]) : "")
    + `<table class="many"><caption>Laws: the power of each size, time or compute</caption><tbody>${rows.join("")}</tbody></table>`;
}

// One law, or those of both sides of a wall that has none of its own.
function writeLaw(rules, point) {
  if (!agree(rules, point)) return "undecided: the two sides of the wall differ";
  const exact = evaluate(rules[0], point), line = (title, text) => `<div><span class="power">${title}</span> ${text}</div>`;
  const powers = rules[0].values.map(({ title, text, formula }, i) =>
    line(title, (/[a-z]/.test(text) ? `${formula} = ` : "") + exponentCell(exact[i], title)));
  if (rules.length > 1) return powers.join("") + '<div class="hint">on a wall: both sides agree; a logarithm may multiply it</div>';
  return [...powers, ...rules[0].notes.map(note => line(note.title, note.formula))].join("");
}

// One line for the pointer and for screen readers.
function tellPoint(model, found, point) {
  if (found.problem) return found.problem;
  const at = Object.entries(point).map(([name, x]) => `${GREEK[name] || name} = ${writeFraction(x)}`).join(", ") + ": ";
  const many = model.regions.length, rules = found.rules[many ? model.groups.indexOf("compute/loss") : 0];
  if (!rules.length || !rules[0].values.length) return at + found.name;
  const exact = evaluate(rules[0], point), told = rules[0].values.map(({ title }, i) => `${many ? "best loss, " : ""}${title} = ${exact[i]}`);
  return `${at}${found.name}, ${agree(rules, point) ? told.join(", ") : "laws differ on the two sides"}`;
}
const GREEK = { alpha: "α", beta: "β" };
