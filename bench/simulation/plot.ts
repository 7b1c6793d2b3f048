/** One line of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Drawn in broken lines and the colour of the one before: what that is compared with. */
  readonly isComparison?: boolean;
}

/** The exponent e and factor c of y = c x^e that fit best: least squares over the logarithms. */
export function powerLaw(points: Series["points"]): { exponent: number; factor: number } {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [meanX, meanY] = [mean(logs.map(([x]) => x)), mean(logs.map(([, y]) => y))];
  const covariance = mean(logs.map(([x, y]) => (x - meanX) * (y - meanY)));
  const exponent = covariance / mean(logs.map(([x]) => (x - meanX) ** 2));
  return { exponent, factor: Math.exp(meanY - exponent * meanX) };
}

const width = 640;
const height = 400;
/** The height of each line of the legend, which stands below the plot. */
const legendLine = 18;
const margin = { left: 80, right: 20, top: 40, bottom: 50 };
const colours = ["#1f5fa8", "#c25a00", "#3a7d2c"];

/** A plot on logarithmic axes, as SVG. */
export function plot(title: string, xTitle: string, yTitle: string, series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points);
  const xs = decades(all.map(([x]) => x));
  const ys = decades(all.map(([, y]) => y));
  const at = (value: number, [low, high]: readonly [number, number], from: number, to: number): number =>
    from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  const px = (x: number): string => at(x, xs, margin.left, width - margin.right).toFixed(1);
  const py = (y: number): string => at(y, ys, height - margin.bottom, margin.top).toFixed(1);
  const text = (x: number | string, y: number | string, anchor: string, content: string, more = ""): string =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}"${more}>${content}</text>`;
  const parts: string[] = [];
  for (let decade = xs[0]; decade <= xs[1]; decade++) {
    const x = px(10 ** decade);
    parts.push(`<path d="M${x} ${margin.top}V${height - margin.bottom}" stroke="#ddd"/>`);
    parts.push(text(x, height - margin.bottom + 18, "middle", label(10 ** decade)));
  }
  for (let decade = ys[0]; decade <= ys[1]; decade++) {
    const y = py(10 ** decade);
    parts.push(`<path d="M${margin.left} ${y}H${width - margin.right}" stroke="#ddd"/>`);
    parts.push(text(margin.left - 8, Number(y) + 4, "end", label(10 ** decade)));
  }
  let colourIndex = -1;
  for (const [i, { name, points, isComparison }] of series.entries()) {
    if (!isComparison) colourIndex++;
    const colour = colours[colourIndex % colours.length]!;
    const dashes = isComparison ? ' stroke-dasharray="5 4"' : "";
    const line = points.map(([x, y]) => `${px(x)},${py(y)}`).join(" ");
    parts.push(`<polyline points="${line}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`);
    for (const [x, y] of points) parts.push(`<circle cx="${px(x)}" cy="${py(y)}" r="4" fill="${colour}"/>`);
    const growth = points.length > 1 ? `: grows with the power ${powerLaw(points).exponent.toFixed(2)}` : "";
    const y = height + legendLine * i;
    parts.push(
      `<path d="M${margin.left} ${y}h30" stroke="${colour}" stroke-width="2"${dashes}/>`,
      text(margin.left + 40, y + 4, "start", name + growth),
    );
  }
  const wholeHeight = height + legendLine * series.length;
  const middle = (margin.top + height - margin.bottom) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${wholeHeight}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${wholeHeight}" fill="white"/>`,
    text(width / 2, 22, "middle", title, ' font-size="15"'),
    ...parts,
    text((margin.left + width - margin.right) / 2, height - 10, "middle", xTitle),
    text(18, middle, "middle", yTitle, ` transform="rotate(-90 18 ${middle})"`),
    "</svg>\n",
  ].join("\n");
}

/** The powers of ten around some values; at least one decade. */
function decades(values: readonly number[]): readonly [number, number] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  return [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))];
}

function label(value: number): string {
  return value >= 1e6
    ? `${value / 1e6} M`
    : value >= 1e3
      ? `${value / 1e3} k`
      : String(Number(value.toPrecision(1)));
}
