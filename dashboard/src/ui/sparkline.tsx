/** The shape of a series beside its number; the number and the chart's table carry the values. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const known = values.filter((x): x is number => x !== null);
  if (known.length < 2) return <svg class="spark" viewBox="0 0 100 30" aria-hidden="true" />;
  const least = Math.min(0, ...known);
  const reach = Math.max(...known) - least || 1;
  const step = 100 / (values.length - 1);
  const points = values
    .map((value, index) => (value === null ? null : ([index * step, 28 - ((value - least) / reach) * 26] as const)))
    .filter((point) => point !== null);
  const finished = points.slice(0, -1);
  const line = path(finished);
  const first = finished[0];
  const last = finished[finished.length - 1];
  return (
    <svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">
      {first && last && <path class="area" d={`${line}L${last[0]} 30L${first[0]} 30Z`} />}
      <path class="line" d={line} />
      <path class="line open" d={path(points.slice(-2))} />
    </svg>
  );
}

function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");
}
