import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

import { palette } from "~/state/theme";
import { colour_of } from "./colours";

export interface Point {
  label: string;
  value: number | null;
  other: number | null;
  other_label: string;
}

interface Props {
  label: string;
  points: readonly Point[];
  /** The last point is still growing: its piece of the line is dotted. */
  unfinished: boolean;
  show: (value: number | null) => string;
  tick: (value: number) => string;
  /** Ticks are multiples of this (one whole unit of the currency, or one). */
  whole: number;
}

type Row = (number | null)[];

/** Columns for the plot: position, comparison, the finished line, the dotted rest. */
export function columns_of(points: readonly Point[], unfinished: boolean): [number[], Row, Row, Row] {
  const last = points.length - 1;
  const done = unfinished ? last - 1 : last;
  return [
    points.map((_, index) => index),
    points.map((point) => point.other),
    points.map((point, index) => (index <= done ? point.value : null)),
    points.map((point, index) => (unfinished && index >= done ? point.value : null)),
  ];
}

export function LineChart(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const tip = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(props);
  newest.current = props;
  const repaint = palette.value;

  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const columns = columns_of(newest.current.points, newest.current.unfinished);
    const made = new uPlot(options_for(place, newest, tip), columns, place);
    plot.current = made;
    const watch = new ResizeObserver(() => {
      if (place.clientWidth > 0) made.setSize({ width: place.clientWidth, height: height_for(place) });
    });
    watch.observe(place);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [repaint, props.points.length, props.whole]);

  useEffect(() => {
    plot.current?.setData(columns_of(props.points, props.unfinished));
  }, [props.points, props.unfinished]);

  return (
    <div class="line-chart" role="img" aria-label={props.label}>
      <div ref={box} class="line-chart-plot" />
      <div ref={tip} class="chart-tip" hidden />
    </div>
  );
}

function height_for(place: HTMLElement): number {
  return place.clientWidth < 520 ? 210 : 280;
}

/** Steps of 1, 2 or 5 times a power of ten, never below one whole unit. */
const steps = Array.from({ length: 14 }, (_, power) => [1, 2, 5].map((x) => x * 10 ** power)).flat();

function options_for(place: HTMLElement, newest: { current: Props }, tip: { current: HTMLDivElement | null }): uPlot.Options {
  const accent = colour_of(place, "--accent");
  const quiet = colour_of(place, "--quiet-line");
  const grid = colour_of(place, "--line");
  const text = colour_of(place, "--muted");
  const fill = colour_of(place, "--accent-wash");
  const font = `12px ${getComputedStyle(place).fontFamily}`;
  const narrow = place.clientWidth < 520;
  return {
    width: place.clientWidth,
    height: height_for(place),
    padding: [12, 12, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 8 }, drag: { setScale: false, x: false, y: false } },
    scales: {
      x: { time: false, range: (_, least, most) => [least - 0.25, most + 0.25] },
      y: { range: (_, least, most) => [Math.min(0, least ?? 0), Math.max(most ?? 0, newest.current.whole) * 1.06] },
    },
    axes: [
      {
        stroke: text,
        font,
        size: 30,
        gap: 8,
        grid: { show: false },
        ticks: { show: false },
        incrs: [1, 2, 5, 7, 10, 14, 30],
        space: narrow ? 80 : 96,
        values: (_, at) => at.map((x) => newest.current.points[x]?.label ?? ""),
      },
      {
        stroke: text,
        font,
        gap: 6,
        size: (_, values) => 14 + Math.max(20, ...(values ?? []).map((x) => x.length * 7)),
        grid: { stroke: grid, width: 1 },
        ticks: { show: false },
        space: 44,
        incrs: steps.map((step) => step * newest.current.whole),
        values: (_, at) => at.map((x) => newest.current.tick(Math.round(x))),
      },
    ],
    series: [
      {},
      { stroke: quiet, width: 1.5, points: { show: false } },
      { stroke: accent, width: 2.25, fill, points: { show: false } },
      { stroke: accent, width: 2.25, dash: [3, 5], points: { show: false } },
    ],
    hooks: { setCursor: [(plot) => point_out(plot, newest.current, tip.current)] },
  };
}

/** The box beside the cursor: day, value, compared day, its value. */
function point_out(plot: uPlot, props: Props, box: HTMLElement | null): void {
  const index = plot.cursor.idx;
  const point = index === null || index === undefined ? undefined : props.points[index];
  if (!box) return;
  box.hidden = !point || (plot.cursor.left ?? -1) < 0;
  if (!point || box.hidden) return;
  const open = props.unfinished && index === props.points.length - 1;
  box.replaceChildren(
    line("tip-now", open ? `${point.label}, so far` : point.label, props.show(point.value)),
    line("tip-other", point.other_label, props.show(point.other)),
  );
  const left = plot.valToPos(index ?? 0, "x") + plot.bbox.left / devicePixelRatio;
  const width = box.offsetWidth;
  const right_edge = plot.width - width - 8;
  box.style.transform = `translate(${Math.max(8, Math.min(right_edge, left - width / 2))}px, 4px)`;
}

function line(kind: string, label: string, value: string): HTMLElement {
  const row = document.createElement("div");
  row.className = kind;
  const name = document.createElement("span");
  name.textContent = label;
  const figure = document.createElement("b");
  figure.textContent = value;
  row.append(name, figure);
  return row;
}
