// The plane: regions, walls and names as SVG, the point that is fixed and the one under the pointer.

const PLANE = { size: 440, left: 40, bottom: 38, top: 26, right: 18 };
const LETTER_STEP = 17;

function planeScale([x0, x1, y0, y1]) {
  const { size, left, bottom, top, right } = PLANE, width = size - left - right, height = size - top - bottom;
  return {
    X: x => left + (x - x0) / (x1 - x0) * width, Y: y => top + (y1 - y) / (y1 - y0) * height,
    x: X => x0 + (X - left) / width * (x1 - x0), y: Y => y1 - (Y - top) / height * (y1 - y0),
  };
}

function drawPlane(model) {
  const { X, Y } = planeScale(model.window), { areas, walls, labels, wallNames } = model.drawing, [x0, x1, y0, y1] = model.window;
  const trace = points => points.map(([x, y]) => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`).join(" ");
  const parts = areas.map(({ tint, points }) => `<polygon class="tint${tint}" points="${trace(points)}"/>`);
  parts.push(...walls.map(points => `<polyline class="wall" points="${trace(points)}"/>`));
  parts.push(`<rect class="frame" x="${X(x0)}" y="${Y(y1)}" width="${X(x1) - X(x0)}" height="${Y(y0) - Y(y1)}"/>`);
  for (const { text, x, y, dx, dy } of wallNames) {
    const turn = Math.atan2(Y(y + dy) - Y(y), X(x + dx) - X(x)) * 180 / Math.PI;
    parts.push(`<text class="wall-name" transform="translate(${X(x)} ${Y(y)}) rotate(${turn.toFixed(1)})" dy="-5">${text}</text>`);
  }
  for (const { lines, x, y, upright } of labels) {
    const first = (upright ? 4 : 6) - (lines.length - 1) * LETTER_STEP / 2;
    const text = lines.map((line, i) => `<tspan x="0" dy="${i ? LETTER_STEP : first}">${line}</tspan>`).join("");
    const [kind, turn] = upright ? ["name narrow", " rotate(-90)"] : ["name", ""];
    parts.push(`<text class="${kind}" transform="translate(${X(x)} ${Y(y)})${turn}">${text}</text>`);
  }
  const [horizontal, vertical] = model.names.map(({ name }) => GREEK[name] || name), base = Y(y0), edge = X(x0);
  for (const x of planeTicks(x0, x1)) parts.push(`<path class="tick" d="M${X(x)} ${base}v5"/>`,
    `<text class="number" x="${X(x)}" y="${base + 18}">${x}</text>`);
  for (const y of planeTicks(y0, y1)) parts.push(`<path class="tick" d="M${edge} ${Y(y)}h-5"/>`,
    `<text class="number side" x="${edge - 8}" y="${Y(y) + 4}">${y}</text>`);
  parts.push(`<text class="axis" x="${(edge + X(x1)) / 2}" y="${PLANE.size - 4}">${horizontal}</text>`);
  parts.push(`<text class="axis" x="${edge}" y="14">${vertical}</text>`);
  parts.push('<circle id="under" class="under" r="7" visibility="hidden"/><circle id="fixed" class="fixed" r="7"/>');
  return parts.join("");
}

function planeTicks(low, high) {
  const step = [0.05, 0.1, 0.25, 0.5, 1, 2].find(s => (high - low) / s <= 6) || 5, found = [];
  for (let k = Math.ceil(low / step); k * step <= high + 1e-9; k++) found.push(Number((k * step).toFixed(4)));
  return found;
}

// Puts one of the two marks at a point; outside the window it stands at the edge, hollow.
function placeMark(mark, model, point) {
  mark.setAttribute("visibility", point ? "visible" : "hidden");
  if (!point) return;
  const { X, Y } = planeScale(model.window), [x0, x1, y0, y1] = model.window;
  const [x, y] = model.names.map(({ name }) => toDouble(point[name])), clip = (value, low, high) => Math.min(Math.max(value, low), high);
  mark.setAttribute("cx", X(clip(x, x0, x1)));
  mark.setAttribute("cy", Y(clip(y, y0, y1)));
  mark.classList.toggle("outside", x < x0 || x > x1 || y < y0 || y > y1);
}

// The parameters under a pointer, with three decimals, inside the window; null outside the frame.
function readPointer(event, model) {
  const box = $("plane").getBoundingClientRect(), scale = planeScale(model.window), [x0, x1, y0, y1] = model.window;
  const x = scale.x((event.clientX - box.left) / box.width * PLANE.size), y = scale.y((event.clientY - box.top) / box.height * PLANE.size);
  const write = (value, low, high) => shorten(Math.min(Math.max(value, low), high).toFixed(3));
  return [write(x, x0, x1), write(y, y0, y1)];
}
const shorten = text => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
