// What can be asked for besides the point: the fields of each model, how they are read, and what is allowed.

const FIELDS = {
  plrf: { dynamics: "discrete", d: "1000", share: "1/2", B: "1", r: "1000" },
  dmft: { N: "100", P: "1000", t: "100" },
};
const LARGEST_POWER = { plrf: 1e200, dmft: 1e100 }; // of a size to the power of the eigenvalues' decay: beyond, doubles end

const readReal = text => { const x = readNumber(text); return x ? toDouble(x) : NaN; };
const readSize = text => /^\s*(inf|∞)\s*$/.test(text) ? Infinity : readReal(text);

const READERS = {
  plrf: field => ({
    discrete: field.dynamics === "discrete", d: readReal(field.d), share: readReal(field.share), B: readReal(field.B), r: readReal(field.r),
  }),
  dmft: field => ({ N: readSize(field.N), P: readSize(field.P), t: readReal(field.t) }),
};

// What is wrong, as [field, sentence], or null. Every sentence says what is allowed.
const CHECKS = {
  plrf({ alpha, beta }, { discrete, d, share, B, r }) {
    if (!(alpha >= 0.05 && alpha <= 5 && beta >= 0.01 && beta <= 10)) return ["x", "Curves are drawn for α from 0.05 to 5 and β from 0.01 to 10."];
    if (!(d >= 16 && Number.isInteger(d) && d <= 1e100)) return ["d", "d must be a whole number from 16 to 1e100."];
    if (!(d ** (2 * alpha) <= LARGEST_POWER.plrf)) return ["d", "d must be so small that d^(2α) is below 1e200."];
    if (!(share > 0 && share < 1)) return ["share", "γ / limit must lie between 0 and 1."];
    if (!(B >= 1 && B <= 1e8)) return ["B", "B must lie between 1 and 1e8."];
    if (discrete && !(r >= 1 && r <= 1e250 && Number.isInteger(r))) return ["r", "r must be a whole number from 1 to 1e250."];
    return r > 0 && r <= 1e250 ? null : ["r", "r must lie above 0, up to 1e250."];
  },
  dmft({ a, b }, { N, P, t }) {
    if (!(a >= 1.01 && b >= 1.01 && a <= 12 && b <= 12)) return ["x", "Curves are drawn for a and b from 1.01 to 12."];
    for (const [name, size] of [["N", N], ["P", P]])
      if (!(size >= 2 && (size <= 1e30 || size === Infinity))) return [name, `${name} must lie between 2 and 1e30, or be inf.`];
    const least = Math.min(N, P);
    if (least < Infinity && !(least ** b <= LARGEST_POWER.dmft)) return [N < P ? "N" : "P", "N or P must be so small that its power b is below 1e100."];
    return t > 0 && t <= 1e100 ? null : ["t", "t must lie above 0, up to 1e100."];
  },
};
const isReadable = (key, value) => key === "dynamics" ? ["discrete", "continuous"].includes(value) : !Number.isNaN(readSize(value));
