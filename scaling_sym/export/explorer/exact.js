// Rational functions in the grammar of the bundles (numbers, names, + - * / ** and brackets), read once and evaluated over
// any field: exactly, over fractions of BigInt, or over doubles. Conditions are such functions compared with 0.

const gcd = (a, b) => { while (b) [a, b] = [b, a % b]; return a < 0n ? -a : a; };
const reduce = (p, q) => { const g = gcd(p, q) * (q < 0n ? -1n : 1n); return [p / g, q / g]; };

const FRACTIONS = {
  of: text => reduce(BigInt(text), 1n),
  add: (x, y) => reduce(x[0] * y[1] + y[0] * x[1], x[1] * y[1]),
  negate: x => [-x[0], x[1]],
  multiply: (x, y) => reduce(x[0] * y[0], x[1] * y[1]),
  invert: x => { if (!x[0]) throw new RangeError("division by zero"); return reduce(x[1], x[0]); },
  sign: x => (x[0] > 0n) - (x[0] < 0n),
};
const DOUBLES = {
  of: Number, add: (x, y) => x + y, negate: x => -x, multiply: (x, y) => x * y, invert: x => 1 / x, sign: Math.sign,
};

// "0.7", "7/10", "2" or "1e12" as a fraction; null for anything else.
function readNumber(text) {
  const match = /^\s*(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]\+?(-?\d{1,3}))?(?:\/(\d{1,30}))?\s*$/.exec(text);
  if (!match || (match[4] && (match[2] || match[3] || !BigInt(match[4])))) return null;
  const decimals = match[2] || "", power = BigInt(match[3] || 0) - BigInt(decimals.length), digits = BigInt(match[1] + decimals);
  const value = power < 0n ? [digits, 10n ** -power] : [digits * 10n ** power, 1n];
  return reduce(value[0], value[1] * BigInt(match[4] || 1));
}
const writeFraction = x => x[1] === 1n ? `${x[0]}` : `${x[0]}/${x[1]}`;
// Also where numerator or denominator has no double.
function toDouble([p, q]) {
  const excess = BigInt(Math.max(p.toString(2).length, q.toString(2).length) - 1000);
  return excess > 0n ? Number(p >> excess) / Number(q >> excess) : Number(p) / Number(q);
}

// The function that `text` denotes: (field, values of the names) -> value.
function readFunction(text) {
  const tokens = text.match(/\*\*|[-+*/()]|\d+|\w+/g);
  let place = 0;
  const accept = token => tokens[place] === token && ++place;
  function sum() {
    let value = accept("-") ? negated(product()) : product();
    for (;;) {
      const left = value;
      if (accept("+")) { const right = product(); value = (k, at) => k.add(left(k, at), right(k, at)); }
      else if (accept("-")) { const right = negated(product()); value = (k, at) => k.add(left(k, at), right(k, at)); }
      else return value;
    }
  }
  const negated = x => (k, at) => k.negate(x(k, at));
  function product() {
    let value = power();
    for (;;) {
      const left = value;
      if (accept("*")) { const right = power(); value = (k, at) => k.multiply(left(k, at), right(k, at)); }
      else if (accept("/")) { const right = power(); value = (k, at) => k.multiply(left(k, at), k.invert(right(k, at))); }
      else return value;
    }
  }
  function power() {
    const base = atom();
    if (!accept("**")) return base;
    const exponent = Number(tokens[place++]);
    return (k, at) => { const x = base(k, at); let y = x; for (let i = 1; i < exponent; i++) y = k.multiply(y, x); return y; };
  }
  function atom() {
    if (accept("(")) { const inside = sum(); if (!accept(")")) throw new SyntaxError(text); return inside; }
    const token = tokens[place++];
    return /^\d/.test(token) ? k => k.of(token) : (k, at) => at[token];
  }
  const found = sum();
  if (place !== tokens.length) throw new SyntaxError(text);
  return found;
}

const SIGNS = { ">": 1, "<": -1, "=": 0 };

// The condition "POLY > 0", "POLY < 0" or "POLY = 0"; `closed` also allows equality.
function readCondition(text) {
  const [, left, relation] = /^(.*) ([<>=]) 0$/.exec(text);
  const polynomial = readFunction(left);
  return (k, at, closed = false) => {
    const sign = k.sign(polynomial(k, at));
    return sign === SIGNS[relation] || (closed && sign === 0);
  };
}
