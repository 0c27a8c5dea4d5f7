/** Done of total. Without a total the bar says only that something moves. */
export function Progress({ label, percent, running }: { label: string; percent: number | null; running: boolean }) {
  return (
    <div
      class={`progress ${running ? "running" : ""} ${percent === null ? "unknown" : ""}`}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent ?? undefined}
    >
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="4" />
        <rect class="bar" width={percent ?? 30} height="4" />
      </svg>
    </div>
  );
}
