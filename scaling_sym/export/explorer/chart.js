// Charts on logarithmic axes, as SVG of the width at hand, and the same numbers as a table.

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const powerOfTen = k => "10" + [...String(k)].map(c => RAISED[c]).join("");
const CHART = { left: 50, bottom: 42, top: 10, right: 14, height: 300 };

// `lines`: { name, kind, points, dots, main }; the ranges are those of the lines that are `main`, and somewhat below.
function drawChart(figure, lines, { across, marks = [] }) {
  const svg = figure.querySelector("svg"), width = Math.max(svg.clientWidth, 260);
  const shown = lines.map(line => ({ ...line, points: line.points.filter(([x, y]) => x > 0 && y > 0) }));
  const main = shown.filter(line => line.main).flatMap(line => line.points), named = shown.filter(line => line.name);
  svg.setAttribute("viewBox", `0 0 ${width} ${CHART.height}`);
  svg.innerHTML = main.length ? drawInside(figure.id, shown, chartFrame(main, width), across, marks) : "";
  svg.setAttribute("aria-label", `${figure.querySelector("figcaption").textContent} ${describeLines(named)}`);
  figure.querySelector(".legend").innerHTML = named.map(writeLegend).join("");
}

// The ends of the axes as powers of ten, the edges in pixels, and the way from the ones to the others.
function chartFrame(main, width) {
  const logs = k => main.map(point => Math.log10(point[k])), { left, bottom, top, right, height } = CHART;
  const [x0, x1, y0, y1] = [Math.min(...logs(0)), Math.max(...logs(0)) + 1e-9, Math.min(...logs(1)) - 0.6, Math.max(...logs(1)) + 0.15];
  const frame = { x0, x1, y0, y1, left, top, right: width - right, bottom: height - bottom, width: width - left - right };
  frame.height = frame.bottom - top;
  frame.X = x => left + frame.width * (Math.log10(x) - x0) / (x1 - x0);
  frame.Y = y => top + frame.height * (y1 - Math.log10(y)) / (y1 - y0);
  return frame;
}

function drawInside(id, lines, frame, across, marks) {
  const { X, Y, left, right, top, bottom } = frame, clip = `clip-path="url(#clip-${id})"`;
  const box = `x="${left}" y="${top}" width="${frame.width}" height="${frame.height}"`;
  const parts = [`<clipPath id="clip-${id}"><rect ${box}/></clipPath>`];
  for (const k of listPowers(frame.x0, frame.x1, frame.width / 55)) parts.push(`<path class="grid" d="M${X(10 ** k)} ${top}V${bottom}"/>`,
    `<text class="number" x="${X(10 ** k)}" y="${bottom + 16}">${powerOfTen(k)}</text>`);
  for (const [y, text] of listLevels(frame.y0, frame.y1)) parts.push(`<path class="grid" d="M${left} ${Y(y)}H${right}"/>`,
    `<text class="number side" x="${left - 5}" y="${Y(y) + 4}">${text}</text>`);
  parts.push(`<rect class="frame" ${box}/>`, ...marks.map(x => `<path class="mark" ${clip} d="M${X(x)} ${top}V${bottom}"/>`));
  for (const { kind, points, dots } of lines) {
    const places = points.map(([x, y]) => [X(x).toFixed(1), Y(y).toFixed(1)]);
    if (places.length > 1) parts.push(`<polyline class="line ${kind}" ${clip} points="${places.join(" ")}"/>`);
    if (dots) parts.push(...places.map(([x, y]) => `<circle class="dot ${kind}" ${clip} cx="${x}" cy="${y}" r="4"/>`));
  }
  return parts.join("") + `<text class="axis" x="${(left + right) / 2}" y="${CHART.height - 6}">${across}</text>`;
}

function listPowers(low, high, most) {
  const step = Math.max(1, Math.ceil((high - low) / most)), found = [];
  for (let k = Math.ceil(low / step) * step; k <= high; k += step) found.push(k);
  return found;
}

// Powers of ten; over few decades also 2 and 5 times these.
function listLevels(low, high) {
  if (high - low > 2.5) return listPowers(low, high, 6).map(k => [10 ** k, powerOfTen(k)]);
  return listPowers(Math.floor(low), high, 9).flatMap(k => [1, 2, 5].map(m => m * 10 ** k))
    .filter(y => Math.log10(y) >= low && Math.log10(y) <= high).map(y => [y, shortNumber(y)]);
}

function writeLegend({ name, kind, dots }) {
  const dot = dots ? `<circle class="dot ${kind}" cx="14" cy="6" r="4"/>` : "";
  return `<li><svg viewBox="0 0 28 12" aria-hidden="true"><path class="line ${kind}" d="M1 6H27"/>${dot}</svg><span>${name}</span></li>`;
}

function shortNumber(x) {
  if (Number.isNaN(x)) return "no digits";
  return Math.abs(x) >= 1e5 || Math.abs(x) < 1e-3 ? x.toExponential(3) : String(Number(x.toPrecision(4)));
}

// In words: where each line begins and ends.
const describeLines = lines => lines.filter(({ points }) => points.length > 1)
  .map(({ name, points }) => `${name.replace(/<[^>]*>/g, "")} from ${shortNumber(points[0][1])} to ${shortNumber(points.at(-1)[1])}`).join("; ") + ".";

// The numbers behind a chart, for reading and for screen readers.
function writeTable(table, caption, columns, rows) {
  const head = columns.map(name => `<th scope="col">${name}</th>`).join("");
  const write = row => `<tr>${row.map((x, i) => i ? `<td>${x}</td>` : `<th scope="row">${x}</th>`).join("")}</tr>`;
  table.innerHTML = `<caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${rows.map(write).join("")}</tbody>`;
}
