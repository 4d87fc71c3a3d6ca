// Charts on logarithmic axes, as SVG of the width at hand, and the same numbers as a table.

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const powerOfTen = k => "10" + [...String(k)].map(c => RAISED[c]).join("");
const CHART = { left: 50, bottom: 42, top: 10, right: 14, height: 300 };

// `lines`: { name, kind, points, dots }; the vertical range is that of the lines that are `main`, and a decade below.
function drawChart(figure, lines, { across, marks = [] }) {
  const svg = figure.querySelector("svg"), width = Math.max(svg.clientWidth, 260), { left, bottom, top, right, height } = CHART;
  const shown = lines.map(line => ({ ...line, points: line.points.filter(([x, y]) => x > 0 && y > 0) }));
  const main = shown.filter(line => line.main).flatMap(line => line.points);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  if (!main.length) { svg.innerHTML = ""; return; }
  const logs = k => main.map(point => Math.log10(point[k])), [x0, x1] = [Math.min(...logs(0)), Math.max(...logs(0)) + 1e-9];
  const y1 = Math.max(...logs(1)) + 0.15, y0 = Math.min(...logs(1)) - 0.6;
  const X = x => left + (width - left - right) * (Math.log10(x) - x0) / (x1 - x0), Y = y => top + (height - bottom - top) * (y1 - Math.log10(y)) / (y1 - y0);
  const parts = [`<clipPath id="clip-${figure.id}"><rect x="${left}" y="${top}" width="${width - left - right}" height="${height - bottom - top}"/></clipPath>`];
  for (const k of chartTicks(x0, x1, (width - left) / 55)) parts.push(`<path class="grid" d="M${X(10 ** k)} ${top}V${height - bottom}"/><text class="number" x="${X(10 ** k)}" y="${height - bottom + 16}">${powerOfTen(k)}</text>`);
  const levels = y1 - y0 > 2.5 ? chartTicks(y0, y1, 6).map(k => [10 ** k, powerOfTen(k)]) : listLevels(y0, y1);
  for (const [y, text] of levels) parts.push(`<path class="grid" d="M${left} ${Y(y)}H${width - right}"/><text class="number side" x="${left - 5}" y="${Y(y) + 4}">${text}</text>`);
  parts.push(`<rect class="frame" x="${left}" y="${top}" width="${width - left - right}" height="${height - bottom - top}"/>`);
  for (const x of marks) parts.push(`<path class="mark" clip-path="url(#clip-${figure.id})" d="M${X(x)} ${top}V${height - bottom}"/>`);
  for (const { kind, points, dots } of shown) {
    const places = points.map(([x, y]) => [X(x).toFixed(1), Y(y).toFixed(1)]);
    if (places.length > 1) parts.push(`<polyline class="line ${kind}" clip-path="url(#clip-${figure.id})" points="${places.join(" ")}"/>`);
    if (dots) parts.push(...places.map(([x, y]) => `<circle class="dot ${kind}" clip-path="url(#clip-${figure.id})" cx="${x}" cy="${y}" r="4"/>`));
  }
  parts.push(`<text class="axis" x="${(left + width - right) / 2}" y="${height - 6}">${across}</text>`);
  svg.innerHTML = parts.join("");
  svg.setAttribute("aria-label", `${figure.querySelector("figcaption").textContent} ${describeLines(shown.filter(line => line.name))}`);
  figure.querySelector(".legend").innerHTML = shown.filter(line => line.name)
    .map(({ name, kind, dots }) => `<li><svg viewBox="0 0 28 12" aria-hidden="true"><path class="line ${kind}" d="M1 6H27"/>${dots ? `<circle class="dot ${kind}" cx="14" cy="6" r="4"/>` : ""}</svg><span>${name}</span></li>`).join("");
}
const chartTicks = (low, high, most) => {
  const step = Math.max(1, Math.ceil((high - low) / most)), found = [];
  for (let k = Math.ceil(low / step) * step; k <= high; k += step) found.push(k);
  return found;
};
// 1, 2 and 5 times powers of ten, for a range of few decades.
const listLevels = (low, high) => chartTicks(Math.floor(low), high, 9).flatMap(k => [1, 2, 5].map(m => m * 10 ** k))
  .filter(y => Math.log10(y) >= low && Math.log10(y) <= high).map(y => [y, shortNumber(y)]);
const shortNumber = x => Number.isNaN(x) ? "no digits" : Math.abs(x) >= 1e5 || Math.abs(x) < 1e-3 ? x.toExponential(3) : String(Number(x.toPrecision(4)));
const describeLines = lines => lines.map(({ name, points }) => points.length > 1
  ? `${name.replace(/<[^>]*>/g, "")} from ${shortNumber(points[0][1])} to ${shortNumber(points.at(-1)[1])}` : "").filter(Boolean).join("; ") + ".";

// The numbers behind a chart, for reading and for screen readers.
function writeTable(table, caption, columns, rows) {
  const head = columns.map(name => `<th scope="col">${name}</th>`).join("");
  const body = rows.map(row => `<tr>${row.map((x, i) => i ? `<td>${x}</td>` : `<th scope="row">${x}</th>`).join("")}</tr>`).join("");
  table.innerHTML = `<caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody>`;
}
