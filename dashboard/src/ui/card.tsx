import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A titled box. `flush`: tables go to the edges. */
export function Card(props: {
  title: string;
  note?: ComponentChildren;
  action?: ComponentChildren;
  flush?: boolean;
  class?: string;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={`card ${props.flush ? "flush" : ""} ${props.class ?? ""}`} aria-labelledby={id}>
      <header class="card-head">
        <div>
          <h2 id={id}>{props.title}</h2>
          {props.note && <p class="note">{props.note}</p>}
        </div>
        {props.action && <div class="card-action">{props.action}</div>}
      </header>
      {props.children}
    </section>
  );
}
