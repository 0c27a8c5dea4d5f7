/** A few alternatives side by side; one is chosen. */
export function Choice<T extends string>(props: { label: string; value: T; options: readonly (readonly [T, string])[]; on_change: (value: T) => void }) {
  return (
    <div class="choice" role="group" aria-label={props.label}>
      {props.options.map(([value, text]) => (
        <button key={value} type="button" aria-pressed={props.value === value} onClick={() => props.on_change(value)}>
          {text}
        </button>
      ))}
    </div>
  );
}
